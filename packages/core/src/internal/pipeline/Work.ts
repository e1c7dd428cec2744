/**
 * What a stage does with one element: it calls a function, and puts what comes of it into the element. Retries, time limits,
 * permits and what becomes of errors are around that call, and cost nothing where they are not asked for.
 *
 * A function that answers with a plain value, or with an Effect that has succeeded already, is done when the call returns:
 * no fiber sees it.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { drop, type Element } from "./Element.ts"
import { StageTimeout } from "./errors.ts"
import { noteOrigin } from "./origin.ts"
import type { StageMeter } from "./StageMeter.ts"
import type { Failed, LooseOptions } from "./StageOptions.ts"

export interface WorkOptions {
  readonly stage: string
  readonly meter: StageMeter
  readonly call: (value: unknown, index: number) => unknown
  /** Puts the answer into the element, or drops the element. */
  readonly land: (element: Element, answer: unknown) => void
  /** In milliseconds. */
  readonly timeout: number | undefined
  readonly options: LooseOptions
}

type Answer = Effect.Effect<unknown, unknown>

/** The answer for an element whose error has been taken care of. */
const takenCareOf = Symbol("~ropewalk/pipeline/takenCareOf")

/** `Effect.isEffect`, whose share of a brief element could be measured. */
const isEffect = (answer: unknown): answer is Answer =>
  ((typeof answer === "object" && answer !== null) || typeof answer === "function") && Effect.TypeId in answer

const isSuccess = (answer: Answer): answer is Exit.Success<unknown> =>
  (answer as { readonly _tag?: unknown })._tag === "Success" && Exit.isExit(answer)

export class Work {
  private readonly options: WorkOptions
  private readonly isGuarded: boolean
  private count = 0

  constructor(options: WorkOptions) {
    this.options = options
    const { limiter, onError, retry } = options.options
    this.isGuarded =
      options.timeout !== undefined ||
      limiter !== undefined ||
      retry !== undefined ||
      (onError !== undefined && onError !== "fail")
  }

  /**
   * Begins with an element. `undefined`: it is done. Otherwise what is left to be run, and to be told to `succeed` or `fail`. What the
   * function throws is thrown.
   */
  begin(element: Element): Answer | undefined {
    const { call, meter, options } = this.options
    element.index = this.count++
    element.state = "running"
    element.startedAt = meter.begin()
    if (options.limiter !== undefined) return this.guard(this.called(element), element)
    const answer = call(element.value, element.index)
    if (!isEffect(answer)) {
      this.succeed(element, answer)
      return undefined
    }
    if (isSuccess(answer)) {
      this.succeed(element, answer.value)
      return undefined
    }
    return this.isGuarded ? this.guard(answer, element) : answer
  }

  /** There is an answer: of the call, or of what `begin` left. */
  succeed(element: Element, answer: unknown): void {
    const { land, meter } = this.options
    element.state = "ready"
    if (answer === takenCareOf) drop(element)
    else land(element, answer)
    meter.end(element.startedAt)
  }

  /** What `begin` left has failed, or it has thrown. The cause, with a note of where it is from. */
  fail(element: Element, cause: Cause.Cause<unknown>): Cause.Cause<unknown> {
    const { meter, stage } = this.options
    meter.end(element.startedAt)
    meter.unfinished++
    if (!Cause.hasInterruptsOnly(cause)) meter.failed++
    return noteOrigin(cause, stage, element.index)
  }

  private called({ index, value }: Element): Answer {
    return Effect.suspend((): Answer => {
      const answer = this.options.call(value, index)
      return Effect.isEffect(answer) ? (answer as Answer) : Effect.succeed(answer)
    })
  }

  private guard(answer: Answer, element: Element): Answer {
    const { meter, options, stage, timeout } = this.options
    let attempt = answer
    if (timeout !== undefined) {
      attempt = Effect.timeoutOrElse(attempt, {
        duration: Duration.millis(timeout),
        orElse: () => Effect.fail(new StageTimeout({ stage, millis: timeout }))
      })
    }
    if (options.limiter !== undefined) attempt = options.limiter.withPermit(attempt)
    if (options.retry !== undefined) {
      const once = attempt
      let isFirst = true
      const counted = Effect.suspend(() => {
        if (!isFirst) meter.retried++
        isFirst = false
        return once
      })
      attempt = Effect.retry(counted, options.retry) as Answer
    }
    const { onError } = options
    if (onError === undefined || onError === "fail") return attempt
    return Effect.catchCause(attempt, (cause) => {
      const error = cause.reasons.find(Cause.isFailReason)
      if (error === undefined || Cause.hasDies(cause)) return Effect.failCause(cause)
      return Effect.flatMap(Clock.currentTimeMillis, (at) => {
        const { index, value: input } = element
        const failed: Failed<unknown, unknown> = { stage, index, input, error: error.error, cause, at }
        meter.failed++
        const reported = Effect.suspend((): Answer => (onError(failed) ?? Effect.void) as Answer)
        return Effect.map(reported, () => {
          meter.skipped++
          return takenCareOf
        })
      })
    })
  }
}
