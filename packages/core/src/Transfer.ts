/**
 * Large things are moved to a thread, or back from it, instead of copied: the memory of bytes, the end of a channel.
 *
 * **When to use**
 *
 * For bytes from about 64 KiB on that their sender has no more use for, and for a `MessagePort`, which can't be copied. A
 * group's schema may say so itself, for every call: `Transferable.Uint8Array` and `Transferable.schema` of
 * `effect/workers/Transferable` do on any thread of this library what they do in Effect's own workers.
 *
 * **Details**
 *
 * | what is moved | to and from a fiber | a thread | a process |
 * | --- | --- | --- | --- |
 * | an `ArrayBuffer` (name it, not a view of it) | stays where it is | moves; empty for its sender | is copied |
 * | a `MessagePort` | stays where it is | moves | refused: `EncodeFailed` |
 *
 * So don't use what you have moved, wherever the task runs. When sending fails nothing has been moved. A payload that was
 * moved to a worker is lost with it: should that die before it has started the task, the call fails with `WorkerCrashed`
 * and does not go to another worker.
 *
 * Needs no Effect: a plain module may use it.
 *
 * Lineage: the transfer list of `postMessage`, and `move` of piscina. Different from both: the value stays what it was, in
 * its type as well, so that the same code runs where nothing is sent.
 *
 * @since 0.1.0
 */
import type { Transferable } from "node:worker_threads"
import * as moves from "./internal/codec/moves.ts"

/**
 * Says that these objects, which are somewhere in `value`, are to be moved when `value` is sent, and answers with `value`.
 * `value` is a whole payload, one argument of a module's function, or a whole result; a typed error moves nothing.
 *
 * **Example** (Bytes that are not copied)
 *
 * ```ts
 * import * as Transfer from "@ropewalk/core/Transfer"
 * import assert from "node:assert/strict"
 *
 * // In a handler or in a plain function of a worker; around the payload of `pool.run` just so.
 * const render = (width: number, height: number) => {
 *   const pixels = new Uint8Array(4 * width * height)
 *   return Transfer.move({ width, height, pixels }, [pixels.buffer])
 * }
 *
 * assert.equal(render(640, 480).pixels.length, 1_228_800)
 * ```
 *
 * @since 0.1.0
 */
export const move = <A extends object>(value: A, transfer: Iterable<Transferable>): A => moves.move(value, transfer)
