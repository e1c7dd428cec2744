import { assert, describe, it } from "@effect/vitest"
import { ChunkSize } from "../../../src/internal/dispatch/mapping/ChunkSize.ts"

/** The sizes for tasks that take so many milliseconds each. */
const sizes = (perTask: number, count: number): ReadonlyArray<number> => {
  const size = new ChunkSize(undefined, 2)
  return Array.from({ length: count }, () => {
    const next = size.next(undefined)
    size.measured(next, next * perTask)
    return next
  })
}

describe("ChunkSize", () => {
  it("begins with one task, grows to a millisecond of work, and no further than a thousand", () => {
    assert.deepEqual(sizes(0.01, 5), [1, 8, 64, 100, 100])
    assert.deepEqual(sizes(0.0001, 6), [1, 8, 64, 512, 1000, 1000])
    assert.deepEqual(sizes(0, 6), [1, 8, 64, 512, 1000, 1000])
  })

  it("leaves a task of a millisecond or more alone", () => {
    assert.deepEqual(sizes(1, 3), [1, 1, 1])
    assert.deepEqual(sizes(5000, 3), [1, 1, 1])
  })

  it("shrinks when tasks get slower", () => {
    const size = new ChunkSize(undefined, 1)
    for (let round = 0; round < 5; round++) size.measured(size.next(undefined), 0)
    assert.equal(size.next(undefined), 1000)
    size.measured(1000, 2000)
    assert.equal(size.next(undefined), 1)
  })

  it("leaves something for every worker at the end of an input", () => {
    const size = new ChunkSize(undefined, 2)
    for (let round = 0; round < 5; round++) size.measured(size.next(undefined), 0)
    let left = 3000
    const taken: Array<number> = []
    while (left > 0) {
      taken.push(size.next(left))
      left -= taken.at(-1) as number
    }
    assert.equal(taken[0], 750)
    assert.deepEqual(
      taken,
      [...taken].sort((a, b) => b - a)
    )
    assert.equal(taken.at(-1), 1)
  })

  it("is what was given, whatever is measured", () => {
    const size = new ChunkSize(12, 2)
    size.measured(12, 9999)
    assert.deepEqual([size.next(undefined), size.next(3)], [12, 12])
  })

  it("has more chunks under way the shorter they are, and two a worker at the least", () => {
    const windowFor = (millis: number) => {
      const size = new ChunkSize(10, 2)
      size.measured(10, millis)
      return size.window
    }
    assert.equal(new ChunkSize(undefined, 3).window, 6)
    assert.deepEqual([windowFor(1000), windowFor(1), windowFor(0.5), windowFor(0)], [4, 4, 8, 32])
  })
})
