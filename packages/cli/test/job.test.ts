/** `ropewalk job`, as a shell runs it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DemoEventJson } from "@ropewalk/examples/DemoEvent"
import { jobs } from "@ropewalk/examples/Jobs"
import * as Schema from "effect/Schema"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { ropewalk, startUntil } from "./run.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ropewalk-cli-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe("what is asked of the command itself", () => {
  it("the list names each job, and each has a help that names its flags", async () => {
    const list = await ropewalk(["job", "list"])
    assert.deepStrictEqual(
      list.lines.map((line) => line.split(" ")[0]),
      jobs.map(({ name }) => name)
    )
    const json = await ropewalk(["job", "list", "--json"])
    assert.deepStrictEqual(
      json.lines.map((line) => JSON.parse(line).name),
      jobs.map(({ name }) => name)
    )
    for (const [name, flags] of [
      ["word-count", ["--folder", "--top"]],
      ["mandelbrot", []],
      ["crawl", ["--query", "--timeout"]]
    ] as const) {
      const { code, stdout } = await ropewalk(["job", name, "--help"])
      assert.strictEqual(code, 0)
      for (const flag of ["--place", "--workers", "--size", "--seed", "--compare", "--out", ...flags]) {
        assert.include(stdout, flag, name)
      }
    }
  })
})

describe("a wrong command line ends with 2, on standard error, before anything is done", () => {
  for (const [args, message] of [
    [["mandlbrot"], /Unknown subcommand "mandlbrot".*\n.*mandelbrot/s],
    [["mandelbrot", "--place", "cluster"], /--place: "cluster"/],
    [["mandelbrot", "--workers", "0"], /--workers: "0"\. Expected: a whole number from 1 to 256/],
    [["mandelbrot", "--workers", "two"], /--workers: "two"/],
    [["mandelbrot", "--size", "15"], /--size: "15"\. Expected: a whole number from 16 to 16384/],
    [["mandelbrot", "--out", "/dev/null"], /--out: "\/dev\/null"/],
    [["mandelbrot", "--folder", "."], /Unrecognized flag: --folder/],
    [["word-count", "--folder", "/nowhere/at/all"], /--folder: "\/nowhere\/at\/all"|does not exist/],
    [["word-count", "--top", "-1"], /--top: "-1"/],
    [["crawl", "--timeout", "1"], /--timeout: "1"\. Expected: a whole number from 10 to 60000/]
  ] as const) {
    it(`ropewalk job ${args.join(" ")}`, async () => {
      const { code, stderr, stdout } = await ropewalk(["job", ...args], { COLUMNS: "200" })
      assert.strictEqual(code, 2, stderr)
      assert.strictEqual(stdout, "")
      assert.match(stderr, message)
    })
  }
})

describe("running jobs", () => {
  it("a picture where it was wanted, and nothing beside it", async () => {
    const { code, stderr, stdout } = await ropewalk([
      ...["job", "mandelbrot", "--size", "64", "--workers", "2", "--place", "process", "--out", folder]
    ])
    assert.strictEqual(code, 0, stderr)
    // No progress where nobody sits before a terminal.
    assert.strictEqual(stderr, "")
    assert.include(stdout, `The picture is ${join(folder, "mandelbrot.png")}`)
    assert.deepStrictEqual(readdirSync(folder), ["mandelbrot.png"])
    assert.strictEqual(readFileSync(join(folder, "mandelbrot.png")).subarray(1, 4).toString(), "PNG")
  })

  it("--json is events and nothing else", async () => {
    const { code, lines } = await ropewalk([
      "job",
      "word-count",
      "--size",
      "1",
      "--seed",
      "7",
      "--json",
      "--out",
      folder
    ])
    assert.strictEqual(code, 0)
    const events = lines.map((line) => Schema.decodeSync(DemoEventJson)(line))
    assert.deepStrictEqual(events[0]?.type, "demo-started")
    assert.isTrue(events.every((event) => event.type !== "demo-started" || event.seed === 7))
    assert.deepStrictEqual(
      events.flatMap((event) => (event.type === "demo-ended" ? [event.outcome] : [])),
      ["passed"]
    )
  })

  it("one that fails ends with 1, says why, and shows no stack", async () => {
    // Where the picture should be is a folder.
    mkdirSync(join(folder, "mandelbrot.png"))
    const { code, stderr, stdout } = await ropewalk(["job", "mandelbrot", "--size", "16", "--out", folder])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, "ropewalk: mandelbrot failed\n")
    assert.match(stdout, /✗ OutputUnwritable: .*mandelbrot\.png can't be written: EISDIR/)
    assert.notMatch(stdout + stderr, /\n\s+at /)
    assert.deepStrictEqual(readdirSync(folder), ["mandelbrot.png"])
  })

  for (const [job, at] of [
    ["word-count", /Counting/],
    ["mandelbrot", /Drawing/],
    ["crawl", /Crawling/]
  ] as const) {
    it(`Ctrl-C in ${job} ends with 130 and leaves nothing, of its temporary files either`, async () => {
      const args = ["job", job, "--out", join(folder, "out"), "--workers", "1"]
      const { child, end } = await startUntil([...args, ...(job === "word-count" ? ["--size", "4"] : [])], at, {
        TMPDIR: folder,
        NODE_DISABLE_COMPILE_CACHE: "1"
      })
      child.kill("SIGINT")
      const { code, stderr, stdout } = await end()
      assert.strictEqual(code, 130, stdout)
      assert.strictEqual(stderr, "")
      assert.include(stdout, "✗ interrupted")
      assert.deepStrictEqual(readdirSync(folder), [])
    })
  }
})
