import { describe, expect, it } from "vitest"
import { inheritedExecArgv } from "../../../src/internal/transport/execArgv.ts"

describe("what a worker process inherits of Node's flags", () => {
  it.each<[ReadonlyArray<string>]>([
    [[]],
    [["--no-warnings", "--enable-source-maps"]],
    [["-r", "./setup.cjs"]],
    [["--require", "./setup.cjs"]],
    [["--import", "./setup.mjs"]],
    [["--import=./setup.mjs"]],
    [["--conditions", "development", "-C", "source"]],
    [["--conditions=development"]],
    [["--env-file", ".env"]],
    [["--max-old-space-size=512", "--stack-trace-limit=50"]],
    [["--experimental-test-module-mocks"]]
  ])("%j: as it is", (flags) => {
    expect(inheritedExecArgv(flags)).toEqual(flags)
  })

  const rest = ["--import", "./setup.mjs"]

  it.each<[ReadonlyArray<string>]>([
    [["-e", "run()"]],
    [["--eval", "run()"]],
    [["--eval=run()"]],
    [["-p", "1 + 1"]],
    [["-pe", "1 + 1"]],
    [["--print", "1 + 1"]],
    [["--print=1 + 1"]],
    [["-p"]],
    [["-i"]],
    [["--interactive"]],
    [["-c"]],
    [["--check"]],
    [["--inspect"]],
    [["--inspect=127.0.0.1:9230"]],
    [["--inspect-brk"]],
    [["--inspect-brk=0"]],
    [["--inspect-wait"]],
    [["--inspect-port=9230"]],
    [["--inspect-port", "9230"]],
    [["--debug-port", "9230"]],
    [["--input-type=module"]],
    [["--input-type", "module"]],
    [["--watch"]],
    [["--watch-path=src"]],
    [["--watch-path", "src"]],
    [["--watch-preserve-output"]],
    [["--test"]],
    [["--test-reporter", "spec"]],
    [["--test-name-pattern=a"]],
    [["--test-name-pattern", "a"]],
    [["--test-only"]]
  ])("%j: not at all, and nothing around it is lost", (flags) => {
    expect(inheritedExecArgv([...rest, ...flags, ...rest])).toEqual([...rest, ...rest])
    expect(inheritedExecArgv([...flags, ...flags])).toEqual([])
  })
})
