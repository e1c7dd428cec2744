/** Fifteen bugs that everybody has written once: each is found, replayed and shrunk, and its fixed twin passes. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import { abaFreeList } from "./abaFreeList.ts"
import { abba } from "./abba.ts"
import type { Bug } from "./Bug.ts"
import { boundedBuffer } from "./boundedBuffer.ts"
import { brokenOnce } from "./brokenOnce.ts"
import { cacheStampede } from "./cacheStampede.ts"
import { checkThenAct } from "./checkThenAct.ts"
import { doubleRelease } from "./doubleRelease.ts"
import { interruptAfterTake } from "./interruptAfterTake.ts"
import { lostUpdate } from "./lostUpdate.ts"
import { missedSignal } from "./missedSignal.ts"
import { philosophers } from "./philosophers.ts"
import { semaphoreLeak } from "./semaphoreLeak.ts"
import { shutdownRace } from "./shutdownRace.ts"
import { staleTimeout } from "./staleTimeout.ts"
import { writerStarvation } from "./writerStarvation.ts"

const gallery: ReadonlyArray<Bug> = [
  lostUpdate,
  abba,
  philosophers,
  missedSignal,
  checkThenAct,
  doubleRelease,
  interruptAfterTake,
  semaphoreLeak,
  boundedBuffer,
  writerStarvation,
  cacheStampede,
  brokenOnce,
  abaFreeList,
  shutdownRace,
  staleTimeout
]

/** What a livelock is: small, since shrinking one takes as many steps again and again. */
const maxSteps = 400

const strategies = {
  random: Explore.random,
  pct: Explore.pct({ depth: 3 }),
  exhaustive: Explore.exhaustive({ preemptions: 2 }),
  reduced: Explore.exhaustive({ sharing: "declared" })
}

/** How many runs each strategy took, as docs/explore.md tells it: by one seed they are the same on every machine. */
const published = (name: string): ReadonlyArray<string> => {
  const row = tutorial.split("\n").find((line) => line.startsWith(`| ${name} |`))
  return (row ?? "")
    .split("|")
    .map((cell) => cell.trim())
    .slice(2, 8)
}

const tutorial = readFileSync(new URL("../../../../docs/explore.md", import.meta.url), "utf8")

describe.each(gallery)("$name", ({ broken, fixed, kind, name, proof }) => {
  it.live("is found by each strategy, and again from its schedule", () =>
    Effect.gen(function* () {
      const runs: Array<string> = []
      for (const strategy of Object.values(strategies)) {
        const report = yield* Explore.run(broken, { strategy, maxSteps })
        assert.strictEqual(report.finding?.kind, kind, Explore.format(report))
        const again = yield* Explore.run(broken, { strategy: Explore.replay(report.schedule!), maxSteps })
        assert.deepStrictEqual(again.finding, report.finding)
        runs.push(String(report.runs))
      }
      assert.deepStrictEqual(runs, published(name).slice(0, 4), `| ${name} | ${runs.join(" | ")} |`)
    })
  )

  it.live(`passes when it is fixed: ${proof}`, () =>
    Effect.gen(function* () {
      yield* Explore.check(fixed, { schedules: 1000, maxSteps })
      let traces = "–"
      if (proof === "every schedule") {
        const all = yield* Explore.check(fixed, { strategy: strategies.reduced, schedules: 50_000, maxSteps })
        assert.isTrue(all.complete)
        assert.strictEqual(all.preemptions, Number.POSITIVE_INFINITY)
        traces = String(all.distinct)
        const bounded = yield* Explore.check(fixed, {
          strategy: strategies.exhaustive,
          schedules: 50_000,
          maxSteps
        })
        assert.isTrue(bounded.complete)
      }
      assert.deepStrictEqual([proof, traces], published(name).slice(4), `${name}: ${proof} | ${traces}`)
    })
  )
})
