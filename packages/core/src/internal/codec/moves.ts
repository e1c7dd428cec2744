/**
 * Which values are to be sent with something moved instead of copied. It is remembered beside them, so that they stay what
 * they are: a value that is never sent, or not to a thread, knows nothing of it.
 *
 * No Effect is imported here: workers of plain modules load this file.
 *
 * @internal
 */
import type { Transferable } from "node:worker_threads"

export type TransferList = Array<Transferable>

interface Moves {
  /** While nothing was ever moved, nothing is looked up. */
  used: boolean
  readonly lists: WeakMap<object, TransferList>
}

/** A worker file may load another copy of this package than the one that started it. */
const key = Symbol.for("~ropewalk/codec/moves")
type Holder = { [key]?: Moves }

const movesOf = (holder: Holder): Moves => {
  holder[key] ??= { used: false, lists: new WeakMap() }
  return holder[key]
}

const moves = movesOf(globalThis as Holder)

export const move = <A extends object>(value: A, transfer: Iterable<Transferable>): A => {
  moves.lists.set(value, [...new Set(transfer)])
  moves.used = true
  return value
}

/** What is to be moved with this value. */
export const movedWith = (value: unknown): TransferList | undefined =>
  moves.used && typeof value === "object" && value !== null ? moves.lists.get(value) : undefined

/** What is to be moved with any of these values. */
export const movedWithAny = (values: ReadonlyArray<unknown>): TransferList | undefined => {
  if (!moves.used) return undefined
  const all = new Set(values.flatMap((value) => movedWith(value) ?? []))
  return all.size === 0 ? undefined : [...all]
}
