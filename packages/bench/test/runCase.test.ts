import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { describe, it } from "vitest"
import type { Case } from "../src/Case.ts"
import type { ContenderResult } from "../src/Result.ts"
import { type RunOptions, runCase } from "../src/runCase.ts"
import { cases } from "./fixtures/cases.ts"

const options: RunOptions = {
  workers: 1,
  quick: true,
  rounds: 3,
  deadline: 10_000,
  cases: new URL("./fixtures/cases.ts", import.meta.url)
}

const run = async (name: string, more: Partial<RunOptions> = {}): Promise<ReadonlyArray<ContenderResult>> => {
  const chosen = cases.find((one) => one.name === name) as Case
  return (await runCase(chosen, { ...options, ...more })).contenders
}

/** What is dead, and has a parent that did not ask for it yet, answers signals: on Linux its state is Z. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return process.platform !== "linux" || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
  } catch {
    return false
  }
}

describe("runCase", () => {
  it("ends a contender that blocks the event loop, and says so", async () => {
    const contenders = await run("spinning", { deadline: 1000, patience: 500 })
    assert.deepEqual(contenders, [
      { name: "spins", role: "peer", samples: [null, null, null], problem: "round 1: hung, and its event loop with it" }
    ])
  })

  it("says of a contender that it took the process with it", async () => {
    const [exits] = await run("exiting")
    assert.equal(exits?.problem, "round 1: took the process with it (exit 3)")
  })

  it("leaves no process of a contender behind", async () => {
    const [abandons] = await run("abandoning")
    const pids = abandons?.samples.map((sample) => sample?.["time"] as number) ?? []
    assert.equal(pids.length, 3)
    // They have been killed, and their new parent has yet to hear of it.
    const deadline = performance.now() + 5000
    while (pids.some(isAlive) && performance.now() < deadline) await setImmediate()
    assert.deepEqual(pids.filter(isAlive), [])
  })

  it("goes on when a contender rejects behind its caller's back", async () => {
    const [rejects] = await run("rejecting")
    assert.deepEqual(rejects?.samples, [{ time: 1 }, { time: 1 }, { time: 1 }])
  })

  it("gives each round of an isolated case a process of its own, and no more rounds than it wants", async () => {
    const [exits, answers] = await run("isolated")
    assert.deepEqual(exits?.samples, [null, null])
    assert.equal(exits?.problem, "round 1: took the process with it (exit 3)")
    assert.deepEqual(answers, { name: "answers", role: "peer", samples: [{ time: 1 }, { time: 1 }] })
  })
})
