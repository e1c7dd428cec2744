/**
 * How every worker answers.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import { describeUnsendable } from "../codec/unsendable.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"

/** Sends a task's outcome; one that can't be sent becomes the error that says where and why. */
export const settle = (
  link: Pick<ParentLink, "send">,
  id: number,
  exit: WireExit,
  transfer: TransferList | undefined
): void => {
  try {
    link.send({ kind: "settled", id, exit }, transfer)
  } catch (thrown) {
    const problem = describeUnsendable(valueOf(exit), thrown, transfer)
    link.send({ kind: "settled", id, exit: { kind: "unsendable", ...problem } })
  }
}

/** What the task itself made of the outcome: the path in an error begins there. */
export const valueOf = (exit: WireExit): unknown => {
  switch (exit.kind) {
    case "success":
      return exit.value
    case "failure":
      return exit.reasons.find((reason) => reason.kind === "fail")?.error ?? exit.reasons
    default:
      return exit
  }
}
