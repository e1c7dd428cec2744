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

export type SegmentOut<S> = S extends (self: any) => Pipeline<infer B, any, any> ? B : never
export type SegmentError<S> = S extends (self: any) => Pipeline<any, infer E, any> ? E : never
export type SegmentServices<S> = S extends (self: any) => Pipeline<any, any, infer R> ? R : never

/** The branches of a broadcast. */
export type Segments<A> = Readonly<Record<string, Segment<A, any, any, any>>>

/** A pipeline after a broadcast. */
export type AfterBroadcast<E, R, S, O> = Pipeline<
  SegmentOut<S[keyof S]>,
  E | SegmentError<S[keyof S]> | BufferError<O>,
  R | SegmentServices<S[keyof S]>
>

/**
 * What is done with each part of a partition.
 *
 * @since 0.1.0
 */
export interface Parts<in out A, in out B, out C1, out E1, out R1, out C2, out E2, out R2> {
  readonly matching: Segment<A, C1, E1, R1>
  readonly others: Segment<B, C2, E2, R2>
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
