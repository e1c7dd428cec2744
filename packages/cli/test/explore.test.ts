import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { ropewalk } from "./run.ts"

const programs = fileURLToPath(new URL("./fixtures/programs.ts", import.meta.url))
const explore = (...args: ReadonlyArray<string>) => ropewalk(["explore", programs, ...args])

describe("ropewalk explore", () => {
  it("ends with 1 on a finding, shows it, and replays it", async () => {
    const { code, stderr, stdout } = await explore()
    assert.strictEqual(code, 1)
    assert.match(stdout, /^crossed: deadlock found in/m)
    assert.match(stdout, /waits at \S*programs\.ts:\d+/)
    assert.match(stdout, /^straight: nothing found in 10,000 runs/m)
    assert.strictEqual(stderr, "ropewalk: 1 of 2 programs broken: crossed\n")

    const schedule = /EXPLORE_REPLAY=(\S+)/.exec(stdout)![1]!
    const again = await explore("--only", "crossed", "--replay", schedule)
    assert.strictEqual(again.code, 1)
    assert.include(again.stdout, "crossed: deadlock found in 1 run")
  })

  it("ends with 0 when nothing is found, and says so as JSON too", async () => {
    const { code, lines } = await explore("--only", "straight", "--preemptions", "2", "--json")
    assert.strictEqual(code, 0)
    const report = JSON.parse(lines.join(""))
    assert.strictEqual(report.program, "straight")
    assert.isTrue(report.complete)
    assert.isUndefined(report.finding)
  })

  it("says what is wrong with a module, a name, a schedule", async () => {
    for (const [args, code, message] of [
      [["explore", "./nowhere.ts"], 1, /nothing to explore in \.\/nowhere\.ts: Cannot find module/],
      [["explore", programs, "--only", "other"], 1, /what it exports is crossed, straight/],
      [["explore", programs, "--replay", "x9"], 1, /"x9" is not a schedule/],
      [["explore", programs, "--schedules", "0"], 2, /--schedules: "0"\. Expected: an integer from 1 on/]
    ] as const) {
      const ended = await ropewalk(args, { COLUMNS: "200" })
      assert.strictEqual(ended.code, code)
      assert.match(ended.stderr, message)
    }
  })
})
