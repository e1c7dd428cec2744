import { assert, describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import { ChunkSize } from "../../../src/internal/dispatch/mapping/ChunkSize.ts"
import { type ChunkEnd, Mapping } from "../../../src/internal/dispatch/mapping/Mapping.ts"

interface Submitted {
  readonly inputs: ReadonlyArray<unknown>
  readonly end: (end: ChunkEnd) => void
  withdrawn: (() => void) | undefined
}

const answer = (...results: ReadonlyArray<unknown>): ChunkEnd => ({ kind: "answered", results, millis: undefined })
const failed: ChunkEnd = { kind: "failed", exit: Exit.fail("no") }

/** A mapping over a pool that does only what the test says. */
const mapping = (inputs: Iterable<unknown>, window: number, chunk: number, atOnce?: ChunkEnd) => {
  const submitted: Array<Submitted> = []
  const results: Array<unknown> = []
  const exits: Array<Exit.Exit<void, unknown>> = []
  const mapping = new Mapping(
    inputs,
    {
      window,
      size: new ChunkSize(chunk, 1),
      submit: (inputs, end) => {
        const one: Submitted = { inputs, end, withdrawn: undefined }
        submitted.push(one)
        if (atOnce !== undefined) end(atOnce)
        return (onStopped) => {
          one.withdrawn = onStopped
        }
      },
      onResults: (chunk, index, values) => results.push([chunk, index, values])
    },
    (exit) => exits.push(exit)
  )
  return { mapping, submitted, results, exits }
}

const counted = () => {
  const state = { taken: 0, closed: false }
  function* naturals() {
    try {
      for (;;) yield state.taken++
    } finally {
      state.closed = true
    }
  }
  return { state, naturals: naturals() }
}

describe("Mapping", () => {
  it("takes no more of an endless input than its window", () => {
    const { naturals, state } = counted()
    const { mapping: map, submitted } = mapping(naturals, 2, 3)
    map.pump()
    assert.equal(state.taken, 6)
    submitted[1]?.end(answer(9, 16, 25))
    assert.equal(state.taken, 9)
    assert.deepEqual(submitted[2]?.inputs, [6, 7, 8])
  })

  it("says where results belong, and ends when all are there", () => {
    const { exits, mapping: map, results, submitted } = mapping([1, 2, 3], 2, 2)
    map.pump()
    submitted[1]?.end(answer("c"))
    assert.deepEqual(exits, [])
    submitted[0]?.end(answer("a", "b"))
    assert.deepEqual(results, [
      [1, 2, ["c"]],
      [0, 0, ["a", "b"]]
    ])
    assert.deepEqual(exits, [Exit.void])
  })

  it("goes on in a loop when chunks end at once, however many there are", () => {
    const { exits, mapping: map, submitted } = mapping(new Set(Array(50_000).keys()), 1, 1, answer(0))
    map.pump()
    assert.equal(submitted.length, 50_000)
    assert.deepEqual(exits, [Exit.void])
  })

  it("a failure takes back the rest, waits for its end, and closes the input", () => {
    const { naturals, state } = counted()
    const { exits, mapping: map, submitted } = mapping(naturals, 3, 1)
    map.pump()
    submitted[1]?.end(failed)
    assert.isTrue(state.closed)
    assert.isUndefined(submitted[1]?.withdrawn)
    assert.deepEqual(exits, [])
    submitted[0]?.withdrawn?.()
    assert.deepEqual(exits, [])
    // An answer that crosses the withdrawal is heard by nobody.
    submitted[2]?.end(failed)
    submitted[2]?.withdrawn?.()
    assert.deepEqual(exits, [Exit.fail("no")])
    assert.equal(submitted.length, 3)
  })

  it("a stop takes back all, and then nobody hears of an end", () => {
    const { exits, mapping: map, submitted } = mapping([1, 2], 2, 1)
    map.pump()
    let stopped = 0
    map.stop(() => stopped++)
    submitted[0]?.withdrawn?.()
    assert.equal(stopped, 0)
    submitted[1]?.withdrawn?.()
    assert.equal(stopped, 1)
    assert.deepEqual(exits, [])
  })

  it("an input that throws is a defect, and is not asked again", () => {
    let asked = 0
    let closed = false
    const broken: Iterator<number> = {
      next: () => {
        asked++
        throw new Error("broken")
      },
      return: () => {
        closed = true
        return { done: true, value: undefined }
      }
    }
    const { exits, mapping: map } = mapping({ [Symbol.iterator]: () => broken }, 2, 5)
    map.pump()
    assert.equal(asked, 1)
    assert.isFalse(closed)
    assert.isTrue(Exit.hasDies(exits[0] as Exit.Exit<void, unknown>))
  })
})
