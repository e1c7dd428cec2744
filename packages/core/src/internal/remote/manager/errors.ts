/**
 * What an operation on a shared object can fail with.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import type { RemoteError } from "../../errors.ts"

/** The manager's scope has closed, or its process has died: what it kept is gone. */
export class ManagerClosed extends Schema.TaggedError<ManagerClosed>()("ManagerClosed", {
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `The manager is gone, and what it kept with it: ${String(this.cause)}`
  }
}

/** There is no such place in the list. */
export class IndexOutOfRange extends Schema.TaggedError<IndexOutOfRange>()("IndexOutOfRange", {
  index: Schema.Number,
  length: Schema.Int
}) {
  override get message(): string {
    return `Index ${this.index} is outside of a list of ${this.length} items. Other processes may have shortened it.`
  }
}

/** What every operation can fail with. */
export type ManagerError = ManagerClosed | RemoteError
