/**
 * What the stages that have several inputs or outlets make of the type of a pipeline. Public through `Pipeline`.
 *
 * @internal
 */
import type { Covariant } from "effect/Types"
import type { Pipeline } from "../../Pipeline.ts"
import type { StageError } from "./StageOptions.ts"

/**
 * What can be said of stages that have several inputs or outlets.
 *
 * @since 0.1.0
 */
export interface BranchOptions {
  readonly name?: string | undefined
  /** How many elements may wait where a branch begins, and where it ends. Default: 16. */
  readonly buffer?: number | undefined
}

export type BufferError<O> = StageError<O, never>

/**
 * A function from a pipeline to a pipeline: what is done with the elements of a branch.
 *
 * @since 0.1.0
 */
export type Segment<A, B, E, R> = (self: Pipeline<A>) => Pipeline<B, E, R>

/** The branches of a broadcast. */
export type Segments<A, C1, E1, R1, C2, E2, R2, C3, E3, R3, C4, E4, R4> = readonly [
  Segment<A, C1, E1, R1>,
  Segment<A, C2, E2, R2>,
  Segment<A, C3, E3, R3>?,
  Segment<A, C4, E4, R4>?
]

export interface Broadcast {
  <
    A,
    C1,
    E1,
    R1,
    C2,
    E2,
    R2,
    C3 = never,
    E3 = never,
    R3 = never,
    C4 = never,
    E4 = never,
    R4 = never,
    const O extends BranchOptions = {}
  >(
    segments: Segments<A, C1, E1, R1, C2, E2, R2, C3, E3, R3, C4, E4, R4>,
    options?: O
  ): <E, R>(
    self: Pipeline<A, E, R>
  ) => Pipeline<C1 | C2 | C3 | C4, E | E1 | E2 | E3 | E4 | BufferError<O>, R | R1 | R2 | R3 | R4>
  <
    A,
    E,
    R,
    C1,
    E1,
    R1,
    C2,
    E2,
    R2,
    C3 = never,
    E3 = never,
    R3 = never,
    C4 = never,
    E4 = never,
    R4 = never,
    const O extends BranchOptions = {}
  >(
    self: Pipeline<A, E, R>,
    segments: Segments<NoInfer<A>, C1, E1, R1, C2, E2, R2, C3, E3, R3, C4, E4, R4>,
    options?: O
  ): Pipeline<C1 | C2 | C3 | C4, E | E1 | E2 | E3 | E4 | BufferError<O>, R | R1 | R2 | R3 | R4>
}

type Matching<A, F> = F extends (value: any) => value is infer B ? (B extends A ? B : A & B) : A

type Others<A, F> = F extends (value: any) => value is infer B ? Exclude<A, B> : A

/**
 * What is done with each part of a partition of `A` by the predicate `F`.
 *
 * @since 0.1.0
 */
export interface Parts<A, F, C1, E1, R1, C2, E2, R2> {
  readonly matching: Segment<NoInfer<Matching<A, F>>, C1, E1, R1>
  readonly others: Segment<NoInfer<Others<A, F>>, C2, E2, R2>
}

/**
 * One way that elements may go: see {@link when}. `A` is what it looks at, `B` what it takes for certain.
 *
 * @since 0.1.0
 */
export interface Route<in A, out B, out C, out E, out R> {
  readonly name: string
  readonly predicate: (value: A) => boolean
  readonly segment: (self: Pipeline<never>) => Pipeline<C, E, R>
  readonly "~takes"?: Covariant<B> | undefined
}

export type Taken<W> = W extends Route<any, infer B, any, any, any> ? B : never
export type RouteOut<W> = W extends Route<any, any, infer C, any, any> ? C : never
export type RouteError<W> = W extends Route<any, any, any, infer E, any> ? E : never
export type RouteServices<W> = W extends Route<any, any, any, any, infer R> ? R : never

/**
 * What a route that leaves out elements looks like to the compiler: `elements` are those that no way takes.
 *
 * @since 0.1.0
 */
export interface NotRouted<out A> {
  readonly "add a way, or an otherwise, for": A
}

export type AllRouted<A, W> = [Exclude<A, Taken<W>>] extends [never] ? unknown : NotRouted<Exclude<A, Taken<W>>>
