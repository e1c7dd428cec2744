/**
 * What can go wrong with a job that is not the fault of its data.
 */
import * as Schema from "effect/Schema"

/** What the job was to read is not there, or may not be read. */
export class InputUnreadable extends Schema.TaggedError<InputUnreadable>()("InputUnreadable", {
  path: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.path} can't be read: ${describe(this.cause)}`
  }
}

/** What the job has made can't be written. Nothing half-written is left. */
export class OutputUnwritable extends Schema.TaggedError<OutputUnwritable>()("OutputUnwritable", {
  path: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.path} can't be written: ${describe(this.cause)}`
  }
}

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
