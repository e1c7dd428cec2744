/**
 * What the stages themselves can fail with. Public through `Pipeline`.
 *
 * @internal
 */
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import { describeValue } from "../errors.ts"

/** The time given to a stage for one element ran out: what it did has been interrupted, and has ended. */
export class StageTimeout extends Schema.TaggedError<StageTimeout>()("StageTimeout", {
  stage: Schema.String,
  /** The time it had, in milliseconds. */
  millis: Schema.Number
}) {
  override get message(): string {
    return `"${this.stage}" did not end within ${this.millis} ms, and was stopped`
  }
}

/** A source can't be read: a file is missing, an async iterable threw. */
export class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {
  source: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The source "${this.source}" can't be read: ${describeValue(this.cause)}`
  }
}

/** A line that is no JSON, or not what its schema says. */
export class JsonLineInvalid extends Schema.TaggedError<JsonLineInvalid>()("JsonLineInvalid", {
  path: Schema.String,
  /** From 1. */
  line: Schema.Int,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.path}:${this.line} can't be read: ${describeValue(this.cause)}`
  }
}

/** An error with where it happened: see `Pipeline.withOrigin`. */
export class StageFailed<out E = unknown> extends Data.TaggedError("StageFailed")<{
  /** The name of the stage. */
  readonly stage: string
  /** Which of the elements that the stage was given it was about, from 0. */
  readonly index: number
  readonly error: unknown
}> {
  /** What the stage failed with. */
  declare readonly error: E

  override get message(): string {
    return `"${this.stage}" failed for its element ${this.index}: ${describeValue(this.error)}`
  }
}
