/**
 * The errors that more than one public module can fail with: one class each, wherever they come from.
 *
 * @internal
 */
import { inspect } from "node:util"
import * as Schema from "effect/Schema"

/** Where in a value something is: property names and indices from its root. */
export const Path = Schema.Array(Schema.Union([Schema.String, Schema.Number]))

export const inWords = (path: typeof Path.Type): string => (path.length === 0 ? "" : ` at ${path.join(".")}`)

/** Anything may have been thrown, also what can't be made a string. */
export const describeValue = (value: unknown): string => {
  try {
    return value instanceof Error ? value.message : String(value)
  } catch {
    return inspect(value)
  }
}

/** A value that its schema refuses, or that can't be sent to another thread or process. Nothing was sent. */
export class EncodeFailed extends Schema.TaggedError<EncodeFailed>()("EncodeFailed", {
  /** A task's payload, a task's result, a reference that it carries, or a value put into something that is shared. */
  what: Schema.Literals(["payload", "result", "context", "value"]),
  /** The task, when it is about one. */
  task: Schema.optionalKey(Schema.String),
  path: Path,
  cause: Schema.Defect()
}) {
  override get message(): string {
    const of = this.task === undefined ? "" : ` of "${this.task}"`
    return `The ${this.what}${of} can't be sent${inWords(this.path)}: ${describeValue(this.cause)}`
  }
}

/**
 * Something went wrong on the other side that no schema describes: a function of a plain module threw; or the owner of a
 * shared object answered with a defect, or with what this side can't read.
 */
export class RemoteError extends Schema.TaggedError<RemoteError>()("RemoteError", {
  message: Schema.String,
  /** The task, when it is about one. */
  task: Schema.optionalKey(Schema.String),
  /** What was thrown; an error keeps its name, message, fields, cause and the stack it had there. */
  cause: Schema.Defect()
}) {
  /** @internal */
  static thrownBy(task: string, thrown: unknown): RemoteError {
    if (!(thrown instanceof Error)) {
      return new RemoteError({ task, message: `${describeValue(thrown)} was thrown`, cause: thrown })
    }
    const error = new RemoteError({ task, message: thrown.message, cause: thrown })
    if (thrown.stack !== undefined) error.stack = thrown.stack
    return error
  }
}

/** An option that makes no sense, as `size: 0`. Nothing was started. */
export class InvalidOption extends Schema.TaggedError<InvalidOption>()("InvalidOption", {
  option: Schema.String,
  message: Schema.String
}) {}
