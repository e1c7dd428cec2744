import assert from "node:assert/strict"
import { describe, it } from "vitest"
import type { Contender } from "../src/Case.ts"
import { type MeasureOptions, measure, type Progress } from "../src/measure.ts"

const options: MeasureOptions = { workers: 1, quick: true, rounds: 3, deadline: 20 }

/** A contender whose every round is what `round` says; `log` tells what was called. */
const contender = (name: string, log: Array<string>, round: () => Promise<number>): Contender => ({
  name,
  role: "peer",
  start: async () => ({
    round: async () => {
      log.push(name)
      return { time: await round() }
    },
    stop: async () => log.push(`${name} stopped`)
  })
})

const run = async (contenders: ReadonlyArray<Contender>, more: Partial<MeasureOptions> = {}) => {
  const all: Array<Progress> = []
  await measure({ contenders }, { ...options, ...more }, (progress) => all.push(progress))
  return {
    samples: all.flatMap((one) =>
      one.kind === "sample" ? [`${one.contender} ${one.round} ${one.figures["time"]}`] : []
    ),
    problems: all.flatMap((one) => (one.kind === "problem" ? [`${one.contender}: ${one.problem}`] : []))
  }
}

describe("measure", () => {
  it("measures everybody once a round, and stops them", async () => {
    const log: Array<string> = []
    const { problems, samples } = await run([contender("a", log, async () => 1), contender("b", log, async () => 2)])
    assert.deepEqual(samples.toSorted(), ["a 0 1", "a 1 1", "a 2 1", "b 0 2", "b 1 2", "b 2 2"])
    assert.deepEqual(problems, [])
    for (const round of [0, 1, 2]) assert.deepEqual(log.slice(2 * round, 2 * round + 2).toSorted(), ["a", "b"])
    assert.deepEqual(log.slice(6), ["a stopped", "b stopped"])
  })

  it("counts no round of the warm-up that goes before each", async () => {
    let rounds = 0
    const all: Array<Progress> = []
    const one = contender("a", [], async () => ++rounds)
    await measure({ contenders: [one], rewarm: true }, { ...options, rounds: 2, deadline: 10_000 }, (progress) =>
      all.push(progress)
    )
    const [first = 0, second = 0] = all.flatMap((one) => (one.kind === "sample" ? [one.figures["time"] as number] : []))
    assert.ok(first >= 2 && second >= first + 2 && second === rounds)
  })

  it("leaves one out that fails while it is warmed up", async () => {
    const all: Array<Progress> = []
    const broken = contender("a", [], () => Promise.reject(new Error("broken")))
    await measure({ contenders: [broken], rewarm: true }, options, (progress) => all.push(progress))
    const problems = all.flatMap((one) => (one.kind === "problem" ? [one.problem] : []))
    assert.deepEqual(problems, ["warm-up of round 1: broken"])
  })

  it("gives up on one that hangs, and goes on with the others", async () => {
    const log: Array<string> = []
    const { problems, samples } = await run([
      contender("hangs", log, () => Promise.withResolvers<number>().promise),
      contender("b", log, async () => 2)
    ])
    assert.deepEqual(problems, ["hangs: round 1: hung: no answer within 0.02 s"])
    assert.deepEqual(samples, ["b 0 2", "b 1 2", "b 2 2"])
    assert.equal(log.filter((line) => line === "hangs").length, 1)
  })

  it("says the first line of why one fails to start, and leaves it out", async () => {
    const log: Array<string> = []
    const broken: Contender = {
      name: "broken",
      role: "peer",
      start: () => Promise.reject(new Error("no such module\nRequire stack"))
    }
    const { problems, samples } = await run([broken, contender("b", log, async () => 2)])
    assert.deepEqual(problems, ["broken: start: no such module"])
    assert.equal(samples.length, 3)
  })

  it("keeps the samples of one that fails later", async () => {
    let round = 0
    const { problems, samples } = await run([
      contender("fails", [], async () => {
        round += 1
        if (round === 3) throw new Error("worn out")
        return round
      })
    ])
    assert.deepEqual(samples, ["fails 0 1", "fails 1 2"])
    assert.deepEqual(problems, ["fails: round 3: worn out"])
  })

  it("measures only those that are asked for", async () => {
    const log: Array<string> = []
    await run([contender("a", log, async () => 1), contender("b", log, async () => 2)], { only: ["b"], rounds: 1 })
    assert.deepEqual(log, ["b", "b stopped"])
  })
})
