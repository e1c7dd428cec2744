/** Fifteen bugs that everybody has written once: each is found, replayed and shrunk, and its fixed twin passes. */
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
  exhaustive: Explore.exhaustive({ preemptions: 2 })
}

describe.each(gallery)("$name", ({ broken, fixed, kind }) => {
  for (const [name, strategy] of Object.entries(strategies)) {
    it.live(`is found by ${name}, and again from its schedule`, () =>
      Effect.gen(function* () {
        const report = yield* Explore.run(broken, { strategy, maxSteps })
        assert.strictEqual(report.finding?.kind, kind, Explore.format(report))
        const again = yield* Explore.run(broken, { strategy: Explore.replay(report.schedule!), maxSteps })
        assert.deepStrictEqual(again.finding, report.finding)
        if (process.env["GALLERY"]) console.log(name, report.runs, report.schedule, report.foundBy)
      })
    )
  }

  it.live("passes when it is fixed", () =>
    Effect.gen(function* () {
      const report = yield* Explore.check(fixed, { strategy: Explore.exhaustive({ preemptions: 2 }), maxSteps })
      if (process.env["GALLERY"]) console.log("fixed", report.runs, report.complete, report.preemptions)
      yield* Explore.check(fixed, { schedules: 1000, maxSteps })
    })
  )
})
