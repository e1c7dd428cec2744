/**
 * What can go wrong with the store of a checkpoint. Public through `CheckpointStore`.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { describeValue } from "../errors.ts"

/** A store can't be read or written. What was asked to be noted may or may not have been. */
export class CheckpointFailed extends Schema.TaggedError<CheckpointFailed>()("CheckpointFailed", {
  /** The file, or what else the store calls itself. */
  store: Schema.String,
  doing: Schema.Literals(["open", "read", "write"]),
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The checkpoint store ${this.store} failed to ${this.doing}: ${describeValue(this.cause)}`
  }
}

/** Another run uses the store: two at the same time would do everything twice. Wait for it to end, or use another file. */
export class CheckpointInUse extends Schema.TaggedError<CheckpointInUse>()("CheckpointInUse", {
  store: Schema.String,
  /** The id of the process that uses it. */
  pid: Schema.Int,
  /** Its machine. */
  host: Schema.String
}) {
  override get message(): string {
    const owner = `process ${this.pid} on ${this.host}`
    return `The checkpoint store ${this.store} is in use by ${owner}: wait for it to end, or use another file`
  }
}
