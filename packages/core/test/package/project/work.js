import { threadId } from "node:worker_threads"
import { move } from "@ropewalk/core/Transfer"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const where = () => ({ pid: process.pid, threadId })

export const twice = (n) => Effect.succeed(2 * n)

export const upTo = (n) => Stream.range(1, n)

/** Of a buffer that was moved, nothing is left. */
let kept
export const bytes = (length) => {
  kept = new Uint8Array(length)
  return move(kept, [kept.buffer])
}
export const left = () => kept.byteLength

export const spin = () => {
  for (;;);
}
