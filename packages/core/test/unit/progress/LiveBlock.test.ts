import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LiveBlock } from "../../../src/internal/progress/LiveBlock.ts"
import { Screen } from "../../support/Screen.ts"

const program = fileURLToPath(new URL("./fixtures/showBlock.ts", import.meta.url))

/** Two streams that end at one terminal. */
const shown = (columns = 40) => {
  const screen = new Screen({ columns })
  const out = {
    isTTY: true,
    write: (chunk: string | Uint8Array) => screen.write(chunk),
    on: () => {},
    off: () => {}
  }
  const originals = [screen.write, out.write]
  const block = LiveBlock.open(screen, [screen, out])
  assert(block !== undefined)
  return { block, out, screen, areBack: () => screen.write === originals[0] && out.write === originals[1] }
}

describe("a block of lines at the bottom of a terminal", () => {
  it("is drawn in place, also with more or fewer lines", () => {
    const { block, screen } = shown()
    block.draw(["one", "two"])
    block.draw(["ONE", "TWO", "three"])
    expect(screen.lines).toEqual(["ONE", "TWO", "three"])
    block.draw(["1"])
    expect(screen.lines).toEqual(["1"])
    expect(screen.isCursorShown).toBe(false)
  })

  it("stays below what others print, on either stream", () => {
    const { block, out, screen } = shown()
    block.draw(["one", "two"])
    out.write("a log line\n")
    screen.write(Buffer.from("another\nand one more\n"))
    expect(screen.lines).toEqual(["a log line", "another", "and one more", "one", "two"])
    block.draw(["1", "2"])
    expect(screen.lines).toEqual(["a log line", "another", "and one more", "1", "2"])
  })

  it("waits for the end of a line that is printed in parts", () => {
    const { block, out, screen } = shown()
    block.draw(["one"])
    out.write("half ")
    out.write("")
    block.draw(["two"])
    expect(screen.lines).toEqual(["half"])
    out.write("a line\n")
    expect(screen.lines).toEqual(["half a line", "two"])
  })

  it("is shown below half a line at the end", () => {
    const { areBack, block, out, screen } = shown()
    block.draw(["one"])
    out.write("half")
    block.draw(["last"])
    block.close()
    expect(screen.lines).toEqual(["half", "last"])
    expect(areBack()).toBe(true)
  })

  it("gives everything back", () => {
    const listeners = process.listenerCount("exit")
    const { areBack, block, screen } = shown()
    block.draw(["one"])
    expect([areBack(), screen.listeners.size, process.listenerCount("exit")]).toEqual([false, 1, listeners + 1])
    block.close()
    screen.write("after\n")
    expect([areBack(), screen.listeners.size, process.listenerCount("exit")]).toEqual([true, 0, listeners])
    expect([screen.isCursorShown, screen.isWrapping]).toEqual([true, true])
    expect(screen.lines).toEqual(["one", "after"])
  })

  it("lets a signal be that somebody else listens to", () => {
    const others = () => {}
    process.on("SIGHUP", others)
    const { block, screen } = shown()
    process.emit("SIGHUP", "SIGHUP")
    expect(screen.isCursorShown).toBe(false)
    block.close()
    process.off("SIGHUP", others)
  })

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`shows the cursor when ${signal} ends the program, which it does`, async () => {
      const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
      const screen = new Screen()
      child.stdout.on("data", (chunk: Buffer) => screen.write(chunk))
      await once(child.stdout, "data")
      child.kill(signal)
      const [, endedBy] = await once(child, "close")
      expect([endedBy, screen.isCursorShown, screen.lines]).toEqual([signal, true, ["working"]])
    })
  }

  it("is the only one on its terminal, until it is closed", () => {
    const { block, out, screen } = shown()
    for (const stream of [screen, out]) expect(LiveBlock.open(stream, [])).toBe(undefined)
    block.close()
    const next = LiveBlock.open(out, [screen])
    expect(next).not.toBe(undefined)
    next?.close()
  })

  it("shows the cursor when the program ends meanwhile", () => {
    const before = process.rawListeners("exit")
    const { block, screen } = shown()
    const [onExit] = process.rawListeners("exit").filter((listener) => !before.includes(listener))
    onExit?.(0)
    expect(screen.isCursorShown).toBe(true)
    block.close()
  })

  it("leaves nothing behind when the terminal becomes narrower", () => {
    const { block, out, screen } = shown(20)
    out.write("log\n")
    block.draw(["x".repeat(20), "\u001b[1my\u001b[22m"])
    screen.resize(8)
    block.draw(["x".repeat(8), "y"])
    expect(screen.lines).toEqual(["log", "x".repeat(8), "y"])
    screen.resize(30)
    block.draw(["x".repeat(30), "y"])
    expect(screen.lines).toEqual(["log", "x".repeat(30), "y"])
  })

  it("cuts a line that is too wide rather than spoil what is above", () => {
    const { block, screen } = shown(10)
    block.draw(["one", "x".repeat(15)])
    expect(screen.lines).toEqual(["one", "x".repeat(10)])
  })

  const Step = Schema.Union([
    Schema.Struct({ draw: Schema.Array(Schema.Literals(["a", "bb", "速い", ""])) }),
    Schema.Struct({ print: Schema.Literals(["log\n", "half", "\n", "two\nlines\n"]) })
  ])

  it.effect.prop(
    "is below all that was printed, whatever happens",
    [Arbitrary.array(Arbitrary.schema(Step), { maxLength: 12 })],
    ([steps]) =>
      Effect.sync(() => {
        const { block, out, screen } = shown()
        let printed = ""
        let drawn: ReadonlyArray<string> = []
        for (const step of steps) {
          if ("draw" in step) {
            drawn = step.draw
            block.draw(drawn)
          } else {
            printed += step.print
            out.write(step.print)
          }
        }
        block.close()
        const above = printed === "" ? [] : printed.replace(/\n$/, "").split("\n")
        const expected = [...above, ...drawn]
        while (expected.at(-1) === "") expected.pop()
        expect(screen.lines).toEqual(expected)
      }),
    { arbitrary: { runs: 300 } }
  )
})
