/**
 * The error of a call that could not be sent.
 *
 * @internal
 */
import { describeUnsendable, refusedPart } from "../codec/unsendable.ts"
import { fromWireError } from "../codec/wireError.ts"
import { EncodeFailed } from "../errors.ts"
import type { Call } from "./Call.ts"

/** Says where it is, what can't be sent: in the payload, or in what the call carries of its caller's context. */
export const unsendableCall = (
  { options: { extras, transfer }, payload, task }: Call,
  thrown: unknown
): EncodeFailed => {
  const parts = { payload, context: extras?.context?.carried }
  const what = refusedPart(parts) ?? "payload"
  const { cause, path } = describeUnsendable(parts[what], thrown, transfer)
  return new EncodeFailed({ task, what, path, cause: fromWireError(cause) })
}
