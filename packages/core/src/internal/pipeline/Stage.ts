/**
 * A pipeline before it runs: a graph of stages, each of which knows how to open itself.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Place } from "../codec/CallContext.ts"
import type { Pull } from "./Element.ts"
import type { RunStats } from "./observe.ts"
import type { StageMeter } from "./StageMeter.ts"
import type { RunSpans } from "./spans.ts"
import type { Outlet } from "./split.ts"

/** What is said of a stage: in its graph, in its stats, in its errors. */
export interface StageInfo {
  readonly kind: string
  readonly name: string
  readonly place?: Place | undefined
  readonly concurrency?: number | undefined
  readonly buffer?: number | undefined
  readonly ordered?: boolean | undefined
}

/** Where elements come from. A stage that splits its input has more than one outlet. */
export interface Input {
  readonly stage: Stage
  readonly outlet: number
  /** The name of the route or branch. */
  readonly label?: string | undefined
}

export interface Stage {
  /** None: it works on no element, and is not shown. */
  readonly info: StageInfo | undefined
  readonly inputs: ReadonlyArray<Input>
  /** Starts what the stage needs, in the scope of the opening, and answers with how to pull from it. */
  readonly open: (opening: Opening) => Effect.Effect<Pull, unknown>
}

/** Who looks on at a run, from outside. */
export type Observer = (run: RunStats) => Effect.Effect<unknown, unknown>

/** One run of a pipeline. */
export interface Run {
  /** The services of who runs it. */
  readonly context: Context.Context<never>
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  readonly meterOf: (stage: Stage) => StageMeter
  /** None where nobody traces. */
  readonly spans: RunSpans | undefined
  /** An observer is begun with the run, and ends after it. */
  readonly watch: (observer: Observer) => void
  /** To be done once all elements have left, before the run has ended well. */
  readonly atEnd: (effect: Effect.Effect<void, unknown>) => void
}

/** What a stage is opened with. */
export interface Opening {
  readonly run: Run
  readonly stage: Stage
  readonly meter: StageMeter
  /** Its end, well or not, stops the stage. What is added later ends sooner: those who pull before those they pull from. */
  readonly scope: Scope.Scope
  /** The stages that split and have been opened around this one, with what their outlets give. */
  readonly outlets: ReadonlyMap<Stage, ReadonlyArray<Outlet>>
  /** Of so many elements one has a span. */
  readonly spanEvery?: number | undefined
}

export const inputOf = (stage: Stage): Input => ({ stage, outlet: 0 })
