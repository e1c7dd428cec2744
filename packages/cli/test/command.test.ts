import { createRequire } from "node:module"
import { DemoEventJson } from "@ropewalk/examples/DemoEvent"
import { demos } from "@ropewalk/examples/Demos"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { ropewalk } from "./run.ts"

describe("what is asked of the command itself", () => {
  it("--help, --version and the list end with 0", async () => {
    const help = await ropewalk(["--help"])
    assert.strictEqual(help.code, 0)
    assert.include(help.stdout, "ropewalk <subcommand> [flags]")

    const version = await ropewalk(["--version"])
    assert.strictEqual(version.code, 0)
    assert.strictEqual(version.stdout, `ropewalk v${createRequire(import.meta.url)("../package.json").version}\n`)

    const list = await ropewalk(["demo", "list"])
    assert.deepStrictEqual(
      list.lines.map((line) => line.split(" ")[0]),
      demos.map((demo) => demo.name)
    )
  })

  it("demo --help fits a narrow terminal and names every flag", async () => {
    const { lines, stdout } = await ropewalk(["demo", "--help"], { COLUMNS: "40" })
    for (const line of lines) assert.isAtMost(line.length, 40, line)
    for (const flag of ["--scale", "--seed", "--json", "--no-color", "--base-url"]) assert.include(stdout, flag)
  })

  it("completions know the names of the demos", async () => {
    const { code, stdout } = await ropewalk(["--completions", "bash"])
    assert.strictEqual(code, 0)
    for (const { name } of demos) assert.include(stdout, name)
  })

  it("the list as JSON is one demo a line", async () => {
    const { lines } = await ropewalk(["demo", "list", "--json"])
    assert.deepStrictEqual(
      lines.map((line) => JSON.parse(line).name),
      demos.map((demo) => demo.name)
    )
  })
})

describe("a wrong command line ends with 2, on standard error, with what to do", () => {
  for (const [args, message] of [
    [
      ["demo", "sequentail"],
      /there is no demo "sequentail"\. Did you mean "sequential"\?\n {2}The demos are: process-pool, /
    ],
    [["demo", "sequential", "lok"], /Did you mean "lock"\?/],
    [["demo", "lst"], /there is no demo "lst"\. Did you mean "list"\?/],
    [["demo"], /Missing required argument: name/],
    [["demo", "all", "--scale", "0"], /--scale: "0"\. Expected: a number from 0\.001/],
    [["demo", "all", "--scale", "-1"], /--scale: "-1"\. Expected: a number from 0\.001/],
    [["demo", "all", "--scale", "NaN"], /--scale: "NaN"/],
    [["demo", "all", "--seed", "x"], /--seed: "x"/],
    [["demo", "rankings", "--base-url", "nowhere"], /--base-url: "nowhere"\. Expected: an http or https URL/],
    [["demon"], /Unknown subcommand "demon" for "ropewalk"/]
  ] as const) {
    it(`ropewalk ${args.join(" ")}`, async () => {
      const { code, stderr, stdout } = await ropewalk(args, { COLUMNS: "200" })
      assert.strictEqual(code, 2)
      assert.strictEqual(stdout, "")
      assert.match(stderr, message)
      assert.match(stderr, /--help" to see what is possible\.\n$/)
    })
  }
})

describe("running demos", () => {
  it("ends with 0 when all pass, and without a colour code when piped", async () => {
    const { code, lines, stderr, stdout } = await ropewalk(["demo", "sequential", "thread-raw", "--scale", "0.01"])
    assert.strictEqual(code, 0)
    assert.strictEqual(stderr, "")
    assert.isFalse(stdout.includes("\u001b"))
    assert.strictEqual(lines.at(-1), "2 demos, all passed")
  })

  it("ends with 1 when one fails, after the others have run, and shows no stack", async () => {
    const args = ["demo", "rankings", "thread-raw", "--base-url", "http://127.0.0.1:1/", "--scale", "0.01"]
    const { code, stderr, stdout } = await ropewalk(args)
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, "ropewalk: 1 of 2 demos failed: rankings\n")
    assert.include(stdout, "all done at:")
    // How long it took depends on the machine at this scale; that it ran, and was good, does not.
    assert.match(stdout, /^✓ \d+\.\d s, ideal 4\.0 s/m)
    assert.notMatch(stdout + stderr, /\n\s+at /)
  })

  it("--json is events and nothing else", async () => {
    const { code, lines } = await ropewalk(["demo", "lock", "candy", "--json", "--seed", "7", "--scale", "0.01"])
    assert.strictEqual(code, 0)
    const events = lines.map((line) => Schema.decodeSync(DemoEventJson)(line))
    assert.deepStrictEqual(
      events.flatMap((event) => (event.type === "demo-ended" ? [`${event.demo} ${event.outcome}`] : [])),
      ["lock passed", "candy passed"]
    )
    assert.isTrue(events.every((event) => event.type !== "demo-started" || event.seed === 7))
  })
})
