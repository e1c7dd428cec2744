/**
 * A free list whose head is changed by compare-and-set: between the look at the head and the swap the head was taken,
 * and the next one, and the head put back. The swap succeeds, and gives out a node that somebody has.
 */
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

interface Head {
  readonly node: number
  readonly version: number
}

const END = -1

const owners = (versioned: boolean) =>
  Effect.gen(function* () {
    const next = Explore.shared([1, END])
    const owned = Explore.shared([0, 0])
    const list = Explore.shared<{ head: Head }>({ head: { node: 0, version: 0 } })
    yield* Explore.invariant("a node has one owner", () => owned.every((count) => count <= 1))

    const swap = (seen: Head, node: number) =>
      Effect.sync(() => {
        const { head } = list
        if (head.node !== seen.node || (versioned && head.version !== seen.version)) return false
        list.head = { node, version: head.version + 1 }
        return true
      })
    const pop: Effect.Effect<number> = Effect.gen(function* () {
      const seen = list.head
      if (seen.node === END) return END
      const after = next[seen.node]!
      if (!(yield* swap(seen, after))) return yield* pop
      owned[seen.node]!++
      return seen.node
    })
    const push = (node: number): Effect.Effect<void> =>
      Effect.gen(function* () {
        const seen = list.head
        next[node] = seen.node
        if (!(yield* swap(seen, node))) yield* push(node)
      })
    const giveBack = (node: number) =>
      Effect.suspend(() => {
        owned[node]!--
        return push(node)
      })

    const swapper = Effect.gen(function* () {
      const first = yield* pop
      yield* pop
      if (first !== END) yield* giveBack(first)
    })
    const taker = Effect.andThen(pop, pop)
    yield* Effect.all([taker, swapper], { concurrency: "unbounded" })
  })

export const abaFreeList: Bug = {
  name: "ABA on a free list",
  kind: "invariant",
  proof: "every schedule",
  broken: owners(false),
  fixed: owners(true)
}
