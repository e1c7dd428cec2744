/**
 * When a pool may start a worker, after one did not start: a `Schedule` says how long to wait before each further attempt,
 * and when to give up; then a circuit breaker (Nygard, "Release It!", 2007) keeps the calls that follow from starting
 * workers as fast as they come.
 *
 * ```text
 *            failed: the schedule gives up             mayStart, after the cool-down
 * closed ───────────────────────────────────▶ open ───────────────────────────────────▶ half-open
 *   ▲                                           ▲                 failed, inconclusive      │
 *   │                                           └───────────────────────────────────────────┤
 *   └───────────────────────────────────── succeeded ───────────────────────────────────────┘
 * ```
 *
 * While it is open every call that finds no worker fails at once. When it is half-open one start is under way: for the first
 * call after the cool-down, and for those that came since.
 *
 * For callbacks: the dispatcher asks, and keeps the timers. It reports each start as `failed` (a worker that ended before it
 * was given anything is one, too), as `succeeded` when that worker is given its first call, or as `inconclusive`. Once
 * a worker, and not for each answer: a healthy one must not close the circuit while those beside it can't be started.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import { describeValue } from "../errors.ts"
import { WorkerStartFailed } from "../poolErrors.ts"
import { longestTimer } from "../timers.ts"

export interface RestartOptions {
  /** The worker's file, as errors name it. */
  readonly worker: string
  /**
   * Asked after each start that failed, with its failure: the delay until the next attempt, or an end. It begins anew after
   * a success. One that never ends never opens the circuit: calls then wait until a worker starts, or their time is up.
   */
  readonly schedule: Schedule.Schedule<unknown, WorkerStartFailed, unknown>
  /** Milliseconds from giving up to the next attempt. */
  readonly coolDown: number
  /** Where the schedule runs: with whose logger, random numbers and clock. */
  readonly context?: Context.Context<never>
  /** Milliseconds since 1970, that never go back. */
  readonly now?: () => number
}

/** Three attempts: the second after 100 ms, the third 200 ms later. */
export const defaultSchedule: RestartOptions["schedule"] = Schedule.exponential("100 millis").pipe(
  Schedule.upTo({ times: 2 })
)

/**
 * One second. A start that fails costs 10 to 300 ms of a core (bare thread to process with all of Effect): so a broken worker
 * file under any load costs less than a third of one, and a repaired one is found by the first call a second later.
 */
export const defaultCoolDown = 1000

type Step = (now: number, failure: WorkerStartFailed) => Pull.Pull<[unknown, Duration.Duration], unknown, unknown>

export class RestartPolicy {
  /** How many starts in a row failed. */
  attempts = 0
  state: "closed" | "open" | "halfOpen" = "closed"
  private readonly worker: string
  private readonly schedule: RestartOptions["schedule"]
  private readonly coolDown: number
  private readonly now: () => number
  private readonly runSyncExit: <A, E>(effect: Effect.Effect<A, E>) => Exit.Exit<A, E>
  /** Of the schedule that has begun. */
  private step: Step | undefined
  /** Whether an attempt is due or under way, after one that failed. */
  private trying = false
  /** What calls fail with, and until when, unless the circuit is closed. */
  private failure: WorkerStartFailed | undefined
  private openUntil = 0

  constructor(options: RestartOptions) {
    this.worker = options.worker
    this.schedule = options.schedule
    this.coolDown = options.coolDown
    this.now = options.now ?? monotonic
    this.runSyncExit = Effect.runSyncExitWith(options.context ?? Context.empty())
  }

  /**
   * For a call that finds no worker: `"start"` one for it; `"wait"` for the attempt that is due, or under way; or fail it.
   * Whoever is told `"start"` starts one, and reports how it went.
   */
  mayStart(): "start" | "wait" | WorkerStartFailed {
    if (this.attempts === 0) return "start"
    if (this.trying) return "wait"
    if (this.failure !== undefined) {
      if (this.now() < this.openUntil) return this.failure
      this.state = "halfOpen"
    }
    this.trying = true
    return "start"
  }

  /**
   * A worker did not start, for the reason `cause`. The milliseconds until the next attempt; or, when there is none, what the
   * calls that wait fail with, unless another worker lives. Attempts that are still due are then called off.
   */
  failed(cause: unknown): number | WorkerStartFailed {
    this.attempts++
    const failure = this.failureOf(cause)
    const next = this.failure === undefined ? this.askSchedule(failure) : failure
    this.trying = typeof next === "number"
    if (typeof next === "number") return next
    this.state = "open"
    this.failure = next
    this.openUntil = this.now() + this.coolDown
    return next
  }

  /** A worker was started, and works. */
  succeeded(): void {
    this.state = "closed"
    this.attempts = 0
    this.trying = false
    this.failure = undefined
    this.step = undefined
  }

  /** The attempt that was due or under way has ended by nobody's fault, as when the pool shrinks: the next call may try. */
  inconclusive(): void {
    this.trying = false
    if (this.state === "halfOpen") this.state = "open"
  }

  private failureOf(cause: unknown): WorkerStartFailed {
    return new WorkerStartFailed({ worker: this.worker, cause, attempts: this.attempts })
  }

  /** A schedule that fails, dies, or does not answer at once has given up; the failure then tells of both. */
  private askSchedule(failure: WorkerStartFailed): number | WorkerStartFailed {
    const step: Effect.Effect<Step> =
      this.step === undefined ? Schedule.toStep(this.schedule) : Effect.succeed(this.step)
    const exit = this.runSyncExit(
      Effect.flatMap(step, (step) => {
        this.step = step
        return step(this.now(), failure)
      })
    )
    if (Exit.isSuccess(exit)) {
      const millis = Duration.toMillis(exit.value[1])
      return millis === Number.POSITIVE_INFINITY ? failure : Math.min(Math.max(millis, 0), longestTimer)
    }
    if (Pull.isDoneCause(exit.cause)) return failure
    const thrown = whyNot(exit.cause)
    const message = `${describeValue(failure.cause)}; and the restart schedule failed: ${describeValue(thrown)}`
    return this.failureOf(new AggregateError([failure.cause, thrown], message))
  }
}

/** The wall clock may be set back, and would then hold the circuit open; schedules as `cron` need its time of day. */
const monotonic = (): number => performance.timeOrigin + performance.now()

const whyNot = (cause: Cause.Cause<unknown>): unknown => {
  const thrown = Cause.squash(cause)
  if (!Cause.isAsyncFiberError(thrown)) return thrown
  // It would go on by itself, and a timer of its own keep the program alive.
  thrown.fiber.interruptUnsafe()
  return new Error("it must say a delay at once, not wait by itself", { cause: thrown })
}
