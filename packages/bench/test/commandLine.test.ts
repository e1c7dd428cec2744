import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, it } from "vitest"
import { cases } from "../src/cases/cases.ts"
import { help, Mistake, parse } from "../src/commandLine.ts"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const bench = (...args: ReadonlyArray<string>) => spawnSync(process.execPath, [main, ...args], { encoding: "utf8" })

describe("parse", () => {
  it("runs all cases, five rounds each, when nothing is said", () => {
    const { action, publish, quick, rounds, workers, ...rest } = parse([], cases)
    assert.deepEqual(
      { action, publish, quick, rounds, workers },
      {
        action: "run",
        publish: false,
        quick: false,
        rounds: 5,
        workers: undefined
      }
    )
    assert.equal(rest.cases, cases)
  })

  it("takes parts of names, each case once, with npm's -- before them or not", () => {
    const {
      cases: chosen,
      contenders,
      workers
    } = parse(["--", "flood", "flood-threads", "--workers", "1,2", "--only", "Ropewalk, raw"], cases)
    assert.deepEqual(
      chosen.map(({ name }) => name),
      ["flood-threads", "flood-processes"]
    )
    assert.deepEqual(workers, [1, 2])
    assert.deepEqual(contenders, ["ropewalk", "raw"])
  })

  const mistakes: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
    [["nothing"], /There is no case "nothing": --list shows them/],
    [["--rounds", "0"], /--rounds takes whole numbers from 1 on, not "0"/],
    [["--rounds", "many"], /--rounds takes whole numbers from 1 on, not "many"/],
    [["--workers", "1,x"], /--workers takes whole numbers from 1 on, not "x"/],
    [["--fast"], /Unknown option '--fast': --help shows what there is/],
    [["--rounds"], /'--rounds <value>' argument missing: --help shows what there is/],
    [["mixed", "--only", "nobody"], /No contender of these cases has a name with "nobody" in it/],
    [["--quick", "--publish"], /--publish wants a full run: leave out --quick and --only/],
    [["--only", "piscina", "--publish"], /--publish wants a full run: leave out --quick and --only/]
  ]
  for (const [args, message] of mistakes) {
    it(`refuses ${args.join(" ")}`, () => {
      assert.throws(
        () => parse(args, cases),
        (cause) => cause instanceof Mistake && message.test(cause.message)
      )
    })
  }
})

describe("pnpm bench", () => {
  it("says a mistake in one line, without a stack, and exits with 2", () => {
    const { status, stderr, stdout } = bench("nothing")
    assert.deepEqual(
      { status, stderr, stdout },
      {
        status: 2,
        stderr: 'bench: There is no case "nothing": --list shows them\n',
        stdout: ""
      }
    )
  })

  it("shows its help and its cases", () => {
    assert.equal(bench("--help").stdout, `${help}\n`)
    const listed = bench("--list").stdout.trim().split("\n")
    assert.deepEqual(
      listed.map((line) => line.split(" ")[0]),
      cases.map(({ name }) => name)
    )
  })

  it("runs a case: ours and the raw mechanism, one round", () => {
    const { status, stderr, stdout } = bench("cold-threads", "--quick", "--rounds", "1", "--only", "module,bare")
    assert.equal(stderr, "")
    assert.equal(status, 0)
    assert.match(stdout, /^cold-threads: .*\n {2}first result in ms, 1 worker$/m)
    assert.match(stdout, /Ropewalk ThreadPool\.module +[\d.]+ +[\d.]+ … [\d.]+/)
    assert.match(stdout, /raw Worker, bare +[\d.]+ +[\d.]+ … [\d.]+/)
    assert.ok(!stdout.includes("piscina"))
  })
})
