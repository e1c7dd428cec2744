import { stripVTControlCharacters } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { type DemoEvent, DemoEventJson } from "@ropewalk/examples/DemoEvent"
import { demos } from "@ropewalk/examples/Demos"
import * as Renderer from "@ropewalk/examples/Renderer"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { play } from "./harness.ts"

const show = (events: ReadonlyArray<DemoEvent>, options: { readonly width: number; readonly color?: boolean }) => {
  const written: Array<string> = []
  const render = Renderer.text({
    write: (text) => written.push(text),
    color: options.color ?? false,
    width: () => options.width
  })
  for (const event of events) render(event)
  return { written, lines: written.join("").split("\n") }
}

const lane = (
  task: string,
  fromMs: number,
  toMs: number,
  end: "done" | "failed" | "interrupted" = "done"
): DemoEvent => ({
  type: "lane",
  demo: "d",
  atMs: toMs,
  task,
  fromMs,
  toMs,
  end
})
const ended = (outcome: "passed" | "failed" | "interrupted", error?: string): DemoEvent => ({
  type: "demo-ended",
  demo: "d",
  atMs: 9,
  outcome,
  ...(error === undefined ? {} : { error })
})

describe("text", () => {
  it("draws a row a task, a bar where it ran, an axis", () => {
    const events = [
      lane("loop 0", 0, 4000),
      lane("loop 1", 4000, 6000),
      lane("rest", 6000, 12_000, "failed"),
      ended("passed")
    ]
    assert.deepStrictEqual(show(events, { width: 32 }).lines, [
      "loop 0  ████████················",
      "loop 1  ········████············",
      "rest    ············███████████✗",
      "        0 s               12.0 s",
      "        ✗ failed",
      "",
      ""
    ])
  })

  it("draws what took no time, and what was interrupted", () => {
    const events = [lane("a", 0, 10, "interrupted"), lane("b", 10, 10), ended("interrupted")]
    assert.deepStrictEqual(show(events, { width: 20 }).lines, [
      "✗ interrupted",
      "a  ████████████████◌",
      "b  ················█",
      "   0 s         0.0 s",
      "   ◌ interrupted",
      "",
      ""
    ])
  })

  it("shortens a name that leaves no room for its bar", () => {
    const [row] = show([lane("Python Web Development with Django", 0, 1000), ended("passed")], { width: 40 }).lines
    assert.strictEqual(row, `Python Web D…  ${"█".repeat(25)}`)
  })

  it("says why a demo failed", () => {
    const { lines } = show([ended("failed", "FetchError: no\n    at there")], { width: 80 })
    assert.deepStrictEqual(lines.slice(0, 2), ["✗ FetchError: no", "    at there"])
  })

  for (const width of [40, 80, 120]) {
    it.effect(`fits ${width} columns, colours or not`, () =>
      Effect.gen(function* () {
        const { events } = yield* play("candy")
        const plain = show(events, { width })
        for (const line of plain.lines) assert.isAtMost(line.length, width, line)
        const colored = show(events, { width, color: true })
        assert.deepStrictEqual(colored.lines.map(stripVTControlCharacters), plain.lines)
      })
    )
  }

  it.effect("writes whole lines, one write an event, and no escape without colour", () =>
    Effect.gen(function* () {
      const { events } = yield* play("lock")
      const { written } = show(events, { width: 80 })
      for (const text of written) assert.isTrue(text.endsWith("\n"))
      assert.isAtMost(written.length, events.length)
      assert.isFalse(written.join("").includes("\u001b"))
      assert.isTrue(show(events, { width: 80, color: true }).written.join("").includes("\u001b[36m"))
    })
  )
})

describe("JSON", () => {
  it.effect("is one event a line, and decodes to what happened", () =>
    Effect.gen(function* () {
      const { events } = yield* play("with-lock")
      const written: Array<string> = []
      const render = Renderer.json((text) => written.push(text))
      for (const event of events) render(event)
      for (const text of written) assert.match(text, /^[^\n]+\n$/)
      const decoded = yield* Effect.forEach(written, (text) => Schema.decodeEffect(DemoEventJson)(text))
      assert.deepStrictEqual(decoded, events)
      assert.strictEqual(decoded[0]?.type, "demo-started")
      assert.strictEqual(decoded.at(-1)?.type, "demo-ended")
    })
  )
})

describe("the registry", () => {
  it("has every program of the article, in its order, then the jobs, each name once", () => {
    assert.deepStrictEqual(
      demos.map(({ name }) => name),
      [
        ...["process-pool", "process-queue", "process-pipe", "process-value", "process-manager"],
        ...["sequential", "thread-raw", "thread-function", "thread-class", "rankings", "thread-pool"],
        ...["lock", "with-lock", "candy", "word-count", "mandelbrot", "crawl"]
      ]
    )
  })
})
