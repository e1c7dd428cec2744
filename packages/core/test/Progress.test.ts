import { stripVTControlCharacters } from "node:util"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { PipelineStats } from "../src/internal/pipeline/stats.ts"
import { draw as drawOn } from "../src/internal/progress/draw.ts"
import { widthOf } from "../src/internal/progress/width.ts"
import * as Progress from "../src/Progress.ts"
import { importing, pipelineStats } from "./support/pipelineStats.ts"
import { Screen } from "./support/Screen.ts"

const at = (elapsed: number, out: number, isDone = false): PipelineStats =>
  pipelineStats([{ name: "work", kind: "source", in: out, out }], { elapsed, done: out, isDone })

describe("the picture of a pipeline", () => {
  it("has a bar, the time that is left, and a line for each stage, with the bottleneck marked", () =>
    expect(Progress.render(importing, { columns: 110, total: 30_000, title: "import" })).toEqual([
      ...["import  41 %  ████████████▍░░░░░░░░░░░░░░░░░  12,336 of 30,000  9 under way  1,233/s  10 s, 14.3 s left"],
      ...["  stage    done     rate  in flight  queued     p50    p99  busy"],
      ...["  lines  12,345  1,234/s          0       0    2 µs   5 µs   1 %  ▏░░░░░░░"],
      ...[
        "▶ parse  12,334  1,233/s          8       0  5.1 ms  12 ms  98 %  ███████▉  bottleneck, 3 failed, 3 skipped"
      ],
      ...["  write  12,333  1,233/s          1       0  200 µs   1 ms  12 %  █░░░░░░░"]
    ]))

  it("has a count in the place of the bar when the total isn't known", () =>
    expect(Progress.render(importing, { columns: 100, title: "import" })[0]).toBe(
      "import  12,336  9 under way  1,233/s  10 s"
    ))

  it("leaves out what tells least where it is narrow", () => {
    expect(Progress.render(importing, { columns: 60, total: 30_000, title: "import" })).toEqual([
      ...[
        "import  41 %  12,336 of 30,000  1,233/s  10 s, 14.3 s left",
        "  stage    done     rate  in flight    p99  busy"
      ],
      ...["  lines  12,345  1,234/s          0   5 µs   1 %", "▶ parse  12,334  1,233/s          8  12 ms  98 %"],
      ...["  write  12,333  1,233/s          1   1 ms  12 %"]
    ])
    expect(Progress.render(importing, { columns: 20, total: 30_000, title: "import" })).toEqual([
      ...["10 s, 14.3 s left", "  stage    done", "  lines  12,345", "▶ parse  12,334", "  write  12,333"]
    ])
  })

  it("clips names last, between signs", () => {
    const stats = pipelineStats([
      { name: "a very long name of a stage", out: 7 },
      { name: "画像を処理する", out: 7 }
    ])
    expect(Progress.render(stats, { columns: 20 }).slice(1)).toEqual([
      ...["  stage         done", "  a very long…     7", "  画像を処理…      7"]
    ])
  })

  it("shows what is in names, and does nothing of it", () => {
    const stats = pipelineStats([{ name: "\u001b[2Jclear\nme" }])
    expect(Progress.render(stats, { columns: 80 })[2]).toMatch(/^ {2}clear me {2}/)
  })

  it("has no columns for times that weren't taken, and no share of what has no limit", () => {
    const stats = pipelineStats([{ name: "all", concurrency: Infinity, out: 5, recent: 0 }])
    expect(Progress.render(stats, { columns: 80 }).slice(1)).toEqual([
      ...["  stage  done   rate  in flight  queued  busy", "  all       5  0.5/s          0       0"]
    ])
  })

  it("takes rates and shares since an earlier snapshot", () => {
    const since = pipelineStats([{ name: "work", out: 100, busy: 9000 }], { elapsed: 9000 })
    const stats = pipelineStats([{ name: "work", out: 150, busy: 9250, recent: 0.9 }], { elapsed: 10_000 })
    expect(Progress.render(stats, { columns: 80, since })[2]).toMatch(/ 50\/s .* 25 % /)
    expect(Progress.render(stats, { columns: 80 })[2]).toMatch(/ 15\/s .* 90 % /)
  })

  it("says of an ended run how long it took, and nothing of what is left", () => {
    const [title] = Progress.render(
      { ...importing, done: 12_345, isDone: true },
      { columns: 100, total: 12_345, title: "import" }
    )
    expect(title).toBe("import  100 %  ██████████████████████████████  12,345 of 12,345  1,234/s  ended after 10 s")
  })

  it("takes the share, the pace and the time that is left from what is done, however much is read ahead", () => {
    const read = { name: "read", kind: "source", in: 900, out: 900 }
    const since = pipelineStats([read], { elapsed: 9000, done: 150 })
    const stats = pipelineStats([read], { elapsed: 10_000, done: 250.4 })
    expect(Progress.render(stats, { columns: 80, total: 1000, since })[0]).toMatch(
      /^25 % .* 250 of 1,000 {2}650 under way {2}100\/s {2}10 s, 29.9 s left$/
    )
    expect(Progress.render({ ...stats, isDone: true }, { columns: 80, total: 1000 })[0]).not.toContain("under way")
  })

  it("bears a total that is wrong, or nothing", () => {
    expect(Progress.render(importing, { columns: 100, total: 100, title: "import" })[0]).toMatch(/^import {2}100 % /)
    expect(Progress.render(importing, { columns: 100, total: 0, title: "import" })[0]).toBe(
      "import  12,336  9 under way  1,233/s  10 s"
    )
    expect(Progress.render(at(0, 0), { columns: 100, total: 10 })[0]).toMatch(/^0 % .* 0 of 10 {2}0\/s {2}0 µs$/)
    expect(Progress.render(pipelineStats([]), { columns: 80 })).toEqual(["0  0/s  10 s"])
  })

  it("has colours if wanted, around the same text", () => {
    const options = { columns: 100, total: 30_000, title: "import" }
    const coloured = Progress.render(importing, { ...options, color: true })
    const plain = Progress.render(importing, options)
    expect(coloured.map((line) => stripVTControlCharacters(line))).toEqual(plain)
    expect(coloured[3]).toBe(`\u001b[33m${plain[3]}\u001b[39m`)
  })

  it("has as many lines as there are rows, and says what it leaves out", () => {
    const stats = pipelineStats(Array.from({ length: 10 }, (_, n) => ({ name: `s${n}` })))
    const lines = Progress.render(stats, { columns: 80, rows: 6 })
    expect(lines.map((line) => line.trim().split(/ {2,}/)[0])).toEqual(["0", "stage", "s0", "s1", "s2", "… 7 more"])
    expect(Progress.render(stats, { columns: 80, rows: 12 })).toHaveLength(12)
  })

  const Figure = Schema.Union([Schema.Finite, Schema.Int, Schema.Literals([0, 1, 0.5, 1e15])])
  const Stage = Schema.Struct({
    ...{ name: Schema.String, concurrency: Figure, in: Figure, out: Figure, failed: Figure, queued: Figure },
    ...{ inFlight: Figure, p50: Figure, p99: Figure, recent: Figure, isDone: Schema.Boolean }
  })
  const Picture = Schema.Struct({
    stages: Schema.Array(Stage),
    name: Schema.String,
    elapsed: Figure,
    total: Figure,
    columns: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 130 })),
    color: Schema.Boolean
  })

  it.effect.prop(
    "is never wider than the terminal, whatever it shows",
    [Arbitrary.schema(Picture)],
    ([{ color, columns, elapsed, name, stages, total }]) =>
      Effect.sync(() => {
        const stats = pipelineStats(stages, { elapsed, bottleneck: stages[0]?.name })
        for (const line of Progress.render(stats, { columns, total, color, title: name })) {
          const text = stripVTControlCharacters(line)
          expect(widthOf(text), text).toBeLessThanOrEqual(columns)
          expect(text).not.toMatch(/[\r\n]/)
        }
      }),
    { arbitrary: { runs: 500 } }
  )
})

/** Draws what is offered to a queue. */
const drawing = (screen: Screen, options: Progress.Options = {}, env: { NO_COLOR?: string; TERM?: string } = {}) =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<PipelineStats, "broken" | import("effect/Cause").Done>()
    const drawn = drawOn(Stream.fromQueue(queue), options, { stream: screen, others: [], env })
    const fiber = yield* Effect.forkChild(drawn, { startImmediately: true })
    const offer = (stats: PipelineStats) => Effect.andThen(Queue.offer(queue, stats), TestClock.adjust(0))
    return { fiber, queue, offer }
  })

describe("drawing on a terminal", () => {
  it.effect("draws in place, at most once in an interval, and always the last", () =>
    Effect.gen(function* () {
      const screen = new Screen()
      const { fiber, offer, queue } = yield* drawing(screen, { interval: "1 second" })
      const workLine = () => screen.lines.find((line) => line.startsWith("  work"))?.split(/ +/)[2]
      yield* offer(at(0, 1))
      expect([workLine(), screen.isCursorShown]).toEqual(["1", false])
      yield* offer(at(10, 2))
      yield* offer(at(20, 3))
      expect(workLine()).toBe("1")
      yield* TestClock.adjust("1 second")
      expect(workLine()).toBe("3")
      yield* offer(at(1000, 4))
      yield* offer(at(1001, 5, true))
      yield* Queue.end(queue)
      yield* Fiber.join(fiber)
      expect([workLine(), screen.isCursorShown, screen.isWrapping]).toEqual(["5", true, true])
      expect(screen.lines[0]).toMatch(/^5 .* ended after 1 s$/)
    })
  )

  it.effect("gives back the cursor when it is interrupted, and leaves the last picture", () =>
    Effect.gen(function* () {
      const screen = new Screen()
      const { write } = screen
      const { fiber, offer } = yield* drawing(screen)
      yield* offer(at(0, 1))
      yield* Fiber.interrupt(fiber)
      expect([screen.isCursorShown, screen.listeners.size, screen.write === write]).toEqual([true, 0, true])
      expect(screen.lines).toHaveLength(3)
    })
  )

  it.effect("gives back the cursor when the stream fails, and fails as it does", () =>
    Effect.gen(function* () {
      const screen = new Screen()
      const { fiber, offer, queue } = yield* drawing(screen)
      yield* offer(at(0, 1))
      yield* Queue.fail(queue, "broken")
      expect(yield* Fiber.await(fiber)).toEqual(Exit.fail("broken"))
      expect(screen.isCursorShown).toBe(true)
    })
  )

  it.effect("prints lines above a picture that is there already", () =>
    Effect.gen(function* () {
      const screen = new Screen()
      const first = yield* drawing(screen, { title: "first" })
      yield* first.offer(at(0, 1))
      yield* drawOn(Stream.make(at(1000, 5, true)), { title: "second" }, { stream: screen, others: [], env: {} })
      expect(screen.lines[0]).toBe("second: ended after 1 s; work 5 (5/s)")
      expect(screen.lines[1]).toMatch(/^first {2}1 /)
      yield* Fiber.interrupt(first.fiber)
    })
  )

  it.effect("draws anew when the terminal changes its size", () =>
    Effect.gen(function* () {
      const screen = new Screen({ columns: 100 })
      const { offer, fiber } = yield* drawing(screen)
      yield* offer(importing)
      screen.resize(20)
      yield* TestClock.adjust("1 second")
      yield* offer(importing)
      for (const line of screen.lines) expect(widthOf(line)).toBeLessThanOrEqual(20)
      expect(screen.lines).toHaveLength(5)
      yield* Fiber.interrupt(fiber)
    })
  )

  for (const [env, isColoured] of [
    [{}, true],
    [{ NO_COLOR: "1" }, false],
    [{ NO_COLOR: "" }, true]
  ] as const) {
    it.effect(`has colours ${isColoured ? "" : "not "}in ${JSON.stringify(env)}, unless it is told`, () =>
      Effect.gen(function* () {
        for (const color of [undefined, !isColoured]) {
          const screen = new Screen()
          const { fiber, offer } = yield* drawing(screen, { color }, env)
          yield* offer(importing)
          expect(screen.written.includes("\u001b[33m")).toBe(color ?? isColoured)
          yield* Fiber.interrupt(fiber)
        }
      })
    )
  }
})

describe("drawing where there is no terminal", () => {
  for (const [what, isTTY, env] of [
    ["a pipe", false, {}],
    ["a dumb terminal", true, { TERM: "dumb" }]
  ] as const) {
    it.effect(`prints plain lines now and then: ${what}`, () =>
      Effect.gen(function* () {
        const screen = new Screen({ isTTY })
        const { fiber, offer, queue } = yield* drawing(screen, { total: 100, color: true }, env)
        yield* offer(at(0, 1))
        yield* TestClock.adjust("9 seconds")
        yield* offer(at(9000, 50))
        yield* TestClock.adjust("1 second")
        yield* offer(at(10_500, 100, true))
        yield* Queue.end(queue)
        yield* Fiber.join(fiber)
        expect(screen.written.split("\n")).toEqual([
          "1 %, 0 µs, 0 µs left; work 1 (0/s)",
          "50 %, 9 s, 9 s left; work 50 (5.44/s)",
          "100 %, ended after 10.5 s; work 100 (9.52/s)",
          ""
        ])
      })
    )
  }

  it.effect("names what is in flight, the bottleneck, and what went wrong", () =>
    Effect.gen(function* () {
      const screen = new Screen({ isTTY: false })
      yield* drawOn(Stream.make(importing), { title: "import" }, { stream: screen, others: [], env: {} })
      expect(screen.written).toBe(
        "import: 10 s; lines 12,345 (1,234/s); parse 12,334 (1,233/s, 8 in flight, bottleneck, 3 failed, 3 skipped); write 12,333 (1,233/s, 1 in flight)\n"
      )
    })
  )
})

describe("options", () => {
  for (const options of [{ total: -1 }, { total: Number.NaN }, { interval: -1 }, { interval: "soon" as never }]) {
    it.effect(`refuses ${JSON.stringify(options)}, and draws nothing`, () =>
      Effect.gen(function* () {
        const stream = new Screen()
        const error = yield* Effect.flip(Progress.draw(Stream.make(importing), { ...options, stream }))
        assert.equal(error._tag, "InvalidOption")
        assert.equal(error.option, Object.keys(options)[0])
        assert.equal(stream.written, "")
      })
    )
  }
})

describe("show", () => {
  it.effect("listens as often as it draws", () =>
    Effect.gen(function* () {
      for (const [isTTY, expected] of [
        [true, 50],
        [false, 70]
      ] as const) {
        const asked = yield* Deferred.make<unknown>()
        const run = {
          stats: Effect.succeed(importing),
          changes: (interval: unknown) => Stream.fromEffect(Effect.as(Deferred.succeed(asked, interval), importing))
        }
        const stream = new Screen({ isTTY })
        yield* Progress.show({ stream, interval: 50, plainInterval: 70 })(run)
        expect(yield* Deferred.await(asked)).toBe(expected)
        expect(stream.written).toContain("parse")
      }
    })
  )
})
