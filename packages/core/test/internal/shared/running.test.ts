import { describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { load } from "../../../src/internal/explore/wordSteps.ts"
import { clean, everySchedule } from "./reports.ts"
import { type Code, running } from "./running.ts"

type Names = "a" | "b"
const layout = { 8: "a", 12: "b" } as const

const program = (...codes: ReadonlyArray<Code<Names>>) => ({
  words: { a: 0, b: 0 },
  agents: codes.map((code) => running<Names>(layout, code))
})

const found = (...codes: ReadonlyArray<Code<Names>>) => everySchedule(program(...codes)).finding?.message

const arrayOf = (memory: SharedArrayBuffer) => new Int32Array(memory, 8, 2)

describe("code as an agent of the model", () => {
  it("does to the words of the model what it does to memory", () => {
    const operations = (memory: SharedArrayBuffer, seed: number) => {
      const prng = new Prng()
      prng.reset(seed, 0)
      const array = arrayOf(memory)
      const results: Array<unknown> = []
      for (let i = 0; i < 60; i++) {
        const at = prng.below(2)
        const [one, other] = [prng.next() | 0, prng.below(2) === 0 ? prng.next() | 0 : array[at]!]
        const operation = [
          () => Atomics.load(array, at),
          () => Atomics.store(array, at, one),
          () => Atomics.exchange(array, at, one),
          () => Atomics.add(array, at, one),
          () => Atomics.compareExchange(array, at, other, one),
          () => Atomics.wait(array, at, ~array[at]!, 0),
          () => Atomics.notify(array, at, 1),
          () => Atomics.notify(array, at),
          () => {
            array[at] = one
          }
        ][prng.below(9)]!
        results.push(operation(), array[0], array[1], array.length)
      }
      return results
    }
    for (let seed = 0; seed < 20; seed++) {
      let results: ReadonlyArray<unknown> = []
      const code: Code<Names> = (memory) => {
        results = operations(memory, seed)
      }
      expect(everySchedule(program(code))).toMatchObject({ ...clean, runs: 1 })
      expect(results).toEqual(operations(new SharedArrayBuffer(16), seed))
    }
  })

  it("leaves `Atomics` and `Int32Array` as they were, also when the code throws", () => {
    const before = [globalThis.Atomics, globalThis.Int32Array]
    found((memory) => {
      arrayOf(memory)[0] = 1
      throw new Error("after a step")
    })
    expect([globalThis.Atomics, globalThis.Int32Array]).toEqual(before)
  })

  it("leaves them alone when the memory of the code is its own, which is another each time", () => {
    const seen: Array<unknown> = []
    const code: Code<Names> = (_memory, perform, { a }) => {
      const own = new Int32Array(1)
      Atomics.add(own, 0, 1)
      own[0]! += 1
      seen.push(globalThis.Int32Array === real, own[0])
      perform(load(a))
    }
    const real = Int32Array
    expect(everySchedule({ words: { a: 0 }, agents: [running({}, code, { ownMemory: true })] })).toMatchObject(clean)
    expect(seen).toEqual([true, 2, true, 2])
  })

  it("what the code throws is a finding", () => {
    const broken: Code<Names> = () => {
      throw new RangeError("on purpose")
    }
    expect(found(broken)).toBe("agent 0: RangeError: on purpose")
  })

  it("so is a word that the model does not have, and an operation that it does not know", () => {
    expect(found((memory) => void Atomics.load(new Int32Array(memory, 0, 1), 0))).toMatch(/no word .* at byte 0/)
    expect(found((memory) => void Atomics.load(new Int32Array(memory, 8, 1), 1))).toMatch(/no word .* at byte 12/)
    expect(found((memory) => void Atomics.xor(arrayOf(memory), 0, 1))).toMatch(/TypeError/)
  })

  const reads: Code<Names> = (memory) => void arrayOf(memory)[0]
  const writes: Code<Names> = (memory) => {
    arrayOf(memory)[0] = 1
  }
  const loads: Code<Names> = (memory) => void Atomics.load(arrayOf(memory), 0)
  const stores: Code<Names> = (memory) => void Atomics.store(arrayOf(memory), 0, 1)
  const performs: Code<Names> = (_memory, perform, { a }) => void perform(load(a))

  it.each<[string, Code<Names>, Code<Names>]>([
    ["a plain read and a plain write", reads, writes],
    ["two plain writes", writes, writes],
    ["a plain read and a store", reads, stores],
    ["a plain write and a load", writes, loads]
  ])("%s at the same time are a data race", (_name, one, other) => {
    expect(found(one, other)).toMatch(/a data race on a$/)
    expect(found(other, one)).toMatch(/a data race on a$/)
  })

  it.each<[string, Code<Names>, Code<Names>]>([
    ["plain reads", reads, reads],
    ["a plain read and a load", reads, loads],
    ["atomic operations", stores, loads],
    ["a step of the model and a store", performs, stores],
    ["accesses of two words", writes, (memory) => void Atomics.store(arrayOf(memory), 1, 1)]
  ])("%s are none", (_name, one, other) => {
    expect(found(one, other)).toBeUndefined()
  })

  it("nor is what a store that was seen keeps apart", () => {
    const publish: Code<Names> = (memory) => {
      arrayOf(memory)[0] = 7
      Atomics.store(arrayOf(memory), 1, 1)
    }
    const consume: Code<Names> = (memory) => {
      if (Atomics.load(arrayOf(memory), 1) === 1 && arrayOf(memory)[0] !== 7) throw new Error("not what was published")
    }
    expect(found(publish, consume)).toBeUndefined()
  })
})
