/** The article's candy machine: a bounded semaphore counts the bars, refilling releases one, buying acquires one. */
import * as BoundedSemaphore from "@ropewalk/core/BoundedSemaphore"
import * as Mutex from "@ropewalk/core/Mutex"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { ctime, lane, note, sleep, verdict } from "../internal/Stage.ts"

const MAX = 5

export const run = Effect.gen(function* () {
  const lock = yield* Mutex.make()
  const candytray = yield* BoundedSemaphore.make(MAX)
  const count = { refilled: 0, full: 0, bought: 0, empty: 0 }

  const refill = lock.withLock(
    Effect.gen(function* () {
      yield* Console.log("Refilling candy...")
      yield* Console.log(yield* candytray.available)
      yield* candytray.release()
      count.refilled++
      yield* Console.log("OK")
    }).pipe(
      Effect.catchTag("SemaphoreFull", ({ max, permits }) => {
        count.full++
        return Console.log(`full, skipping (${permits} of ${max})`)
      })
    )
  )

  const buy = lock.withLock(
    Effect.gen(function* () {
      yield* Console.log("Buying candy...")
      const sold = yield* candytray.tryAcquire()
      count[sold ? "bought" : "empty"]++
      yield* Console.log(sold ? "OK" : "empty, skipping")
    })
  )

  yield* note(
    "A semaphore counts permits, here bars: acquire takes one and waits while there is none, tryAcquire says no instead, " +
      "release puts one back. A plain semaphore lets you put back more than there ever were, a mistake that shows much " +
      "later and elsewhere. A bounded one knows its maximum: the release too many fails, at once."
  )
  yield* Console.log("starting at:", yield* ctime)
  yield* Console.log(`THE CANDY MACHINE (full with ${MAX} bars)!`)
  yield* refill
  const refills = yield* pauses(yield* Random.nextIntBetween(2, 5))
  const buys = yield* pauses(yield* Random.nextIntBetween(refills.length, refills.length + MAX + 2))
  const consumer = Effect.forEach(buys, (pause) => Effect.andThen(buy, sleep(pause)))
  const producer = Effect.forEach(refills, (pause) => Effect.andThen(refill, sleep(pause)))
  yield* Effect.all([lane("consumer")(consumer), lane("producer")(producer)], { concurrency: "unbounded" })
  yield* Console.log(`Closing time, ${MAX + 1} customers at once!`)
  yield* Effect.replicateEffect(buy, MAX + 1).pipe(lane("closing time"))
  yield* Console.log("all done at:", yield* ctime)

  const left = yield* candytray.available
  yield* verdict({
    ideal: Math.max(sum(buys), sum(refills)),
    shown: `full ${count.full}×, empty ${count.empty}×: ${MAX} + ${count.refilled} - ${count.bought} bars = ${left} left`,
    ok: count.full > 0 && count.empty > 0 && MAX + count.refilled - count.bought === left
  })
})

/** Some pauses of 0 to 2 seconds. */
const pauses = (n: number) => Effect.replicateEffect(Random.nextIntBetween(0, 2), n)

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((a, b) => a + b, 0)
