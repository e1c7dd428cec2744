/**
 * How a worker answers a chunk of tasks. What in it can't be sent is the outcome of its task: of the chunk, if the first
 * failure is; and of that task alone, if each has an outcome.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import { describeUnsendable } from "../codec/unsendable.ts"
import type { ChunkAnswer, ParentLink, WireExit } from "../transport/Transport.ts"
import { settle, valueOf } from "./settle.ts"

export const settleChunk = (
  link: Pick<ParentLink, "send">,
  id: number,
  exit: WireExit,
  mode: "stop" | "settle",
  transfer: TransferList | undefined
): void => {
  let answer = exit
  while (answer.kind === "success") {
    try {
      return link.send({ kind: "settled", id, exit: answer }, transfer)
    } catch (thrown) {
      answer = without(answer.value as ChunkAnswer, thrown, mode, transfer)
    }
  }
  settle(link, id, answer, undefined)
}

/** The answer without the first part of it that is refused. */
const without = (
  { millis, results }: ChunkAnswer,
  thrown: unknown,
  mode: "stop" | "settle",
  transfer: TransferList | undefined
): WireExit => {
  const { cause, path } = describeUnsendable(results, thrown, transfer)
  const [index, ...inside] = path
  if (mode === "stop" || typeof index !== "number") return { kind: "unsendable", path: inside, cause }
  const value = valueOf(results[index] as WireExit)
  const refused: WireExit = { kind: "unsendable", ...describeUnsendable(value, thrown, transfer) }
  return { kind: "success", value: { results: results.with(index, refused), millis } satisfies ChunkAnswer }
}
