import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { play } from "./harness.ts"

const at = (seconds: number) => `Fri Jan  5 22:44:${seconds} 2018`

describe("demos on fibers, under the test clock", () => {
  it.effect("sequential prints what the article prints, in 12 seconds", () =>
    Effect.gen(function* () {
      const { lanes, lines, passed, verdict } = yield* play("sequential")
      assert.deepStrictEqual(lines, [
        `starting at: ${at(25)}`,
        `start loop 0 at: ${at(25)}`,
        `loop 0 done at: ${at(29)}`,
        `start loop 1 at: ${at(29)}`,
        `loop 1 done at: ${at(31)}`,
        `all done at: ${at(37)}`
      ])
      assert.deepStrictEqual(lanes, [
        { task: "loop 0", from: 0, to: 4, end: "done" },
        { task: "loop 1", from: 4, to: 6, end: "done" },
        { task: "sleep(6)", from: 6, to: 12, end: "done" }
      ])
      assert.strictEqual(verdict?.elapsedMs, 12_000)
      assert.include(verdict?.shown, "only 6 s of it is work")
      assert.isTrue(passed)
    })
  )

  const together = (colon: string) => [
    `starting at: ${at(25)}`,
    `start loop 0${colon} ${at(25)}`,
    `start loop 1${colon} ${at(25)}`,
    `loop 1 ${colon.startsWith("  ") ? " " : ""}done at: ${at(27)}`,
    `loop 0 ${colon.startsWith("  ") ? " " : ""}done at: ${at(29)}`,
    `all done at: ${at(29)}`
  ]

  for (const [name, colon] of [
    ["thread-raw", "  at:"],
    ["thread-function", "  at:"],
    ["thread-class", " at:"]
  ] as const) {
    it.effect(`${name} prints what the article prints, in 4 seconds`, () =>
      Effect.gen(function* () {
        const { lanes, lines, passed, verdict } = yield* play(name)
        assert.deepStrictEqual(lines.slice(0, 6), together(colon))
        assert.deepStrictEqual(lanes, [
          { task: "loop 1", from: 0, to: 2, end: "done" },
          { task: "loop 0", from: 0, to: 4, end: "done" }
        ])
        assert.strictEqual(verdict?.elapsedMs, 4000)
        assert.strictEqual(verdict?.idealMs, 4000)
        assert.isTrue(passed)
      })
    )
  }

  it.effect("thread-class gives the results back", () =>
    Effect.gen(function* () {
      const { lines } = yield* play("thread-class")
      assert.deepStrictEqual(lines.slice(6), ["loop 0 returned 4", "loop 1 returned 2"])
    })
  )

  it.effect("thread-raw compares the CPU of waiting and of spinning", () =>
    Effect.gen(function* () {
      const { events, verdict } = yield* play("thread-raw")
      const note = events.find((event) => event.type === "note")
      assert.match(note?.text ?? "", /latches burnt 1 ms of CPU.*busy wait burns 1 ms in 20 ms/)
      assert.strictEqual(verdict?.cpuMs, 1)
    })
  )

  it.effect("the scale shortens the sleeps and changes nothing that is said", () =>
    Effect.gen(function* () {
      const slow = yield* play("sequential")
      const fast = yield* play("sequential", { scale: 0.25 })
      assert.strictEqual(fast.tookMs, slow.tookMs / 4)
      assert.deepStrictEqual(fast.lines, slow.lines)
      assert.deepStrictEqual(fast.lanes, slow.lanes)
    })
  )
})

describe("demos of locks", () => {
  for (const name of ["lock", "with-lock"]) {
    it.effect(`${name}: three to six loops of 2 to 4 s, one that fails lets go, the rest ends in NONE`, () =>
      Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (seed) =>
        Effect.gen(function* () {
          const { lanes, lines, passed, verdict } = yield* play(name, { seed })
          const started = lines.filter((line) => line.includes("Started"))
          const completed = lines.filter((line) => line.includes("Completed"))
          assert.isTrue(started.length >= 3 && started.length <= 6, `${started.length} loops`)
          assert.lengthOf(completed, started.length)
          for (const line of completed) assert.match(line, /\([234] secs\)$/)
          assert.strictEqual(lines.at(-2), " (remaining: NONE)")
          assert.match(lines.at(-1) ?? "", /^all DONE at: /)
          assert.deepStrictEqual(
            lanes.filter(({ end }) => end === "failed"),
            [{ task: "Thread-0", from: 0, to: 1, end: "failed" }]
          )
          assert.strictEqual(verdict?.elapsedMs, verdict?.idealMs)
          assert.isTrue(passed)
        })
      )
    )
  }

  it.effect("lock: each change prints its line and the set before another begins", () =>
    Effect.gen(function* () {
      const { lines } = yield* play("lock", { seed: 3 })
      for (const [i, line] of lines.entries()) {
        if (line.includes("Completed")) assert.match(lines[i + 1] ?? "", /^ \(remaining: /)
      }
    })
  )
})

describe("candy", () => {
  it.effect("reaches full and empty by any seed, and loses no bar", () =>
    Effect.forEach(
      Array.from({ length: 20 }, (_, seed) => seed),
      (seed) =>
        Effect.gen(function* () {
          const { lines, passed } = yield* play("candy", { seed })
          assert.strictEqual(lines[1], "THE CANDY MACHINE (full with 5 bars)!")
          assert.deepStrictEqual(lines.slice(2, 5), ["Refilling candy...", "5", "full, skipping (5 of 5)"])
          assert.include(lines, "empty, skipping")
          assert.isTrue(passed)
        })
    )
  )

  it.effect("explains what a bounded semaphore is", () =>
    Effect.gen(function* () {
      const { events } = yield* play("candy")
      assert.isTrue(events.some((event) => event.type === "note" && event.text.includes("bounded")))
    })
  )
})

describe("seeds", () => {
  for (const name of ["lock", "candy"]) {
    it.effect(`the same seed gives ${name} again, another seed another run`, () =>
      Effect.gen(function* () {
        const first = yield* play(name, { seed: 7 })
        const again = yield* play(name, { seed: 7 })
        const other = yield* play(name, { seed: 8 })
        assert.deepStrictEqual(again.events, first.events)
        assert.notDeepEqual(other.lines, first.lines)
      })
    )
  }
})
