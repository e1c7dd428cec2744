/** The article's `with lock:`: the lock is let go when the block ends, however it ends. */
import * as Mutex from "@ropewalk/core/Mutex"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { ctime, lane, sleep, verdict } from "../internal/Stage.ts"

export const run = Effect.gen(function* () {
  const lock = yield* Mutex.make()
  const remaining = new Set<string>()

  const loop = Effect.fnUntraced(function* (name: string, seconds: number) {
    yield* lock.withLock(
      Effect.gen(function* () {
        remaining.add(name)
        yield* Console.log(`[${yield* ctime}] Started ${name}`)
      })
    )
    yield* sleep(seconds)
    yield* lock.withLock(
      Effect.gen(function* () {
        remaining.delete(name)
        yield* Console.log(`[${yield* ctime}] Completed ${name} (${seconds} secs)`)
        yield* Console.log(` (remaining: ${[...remaining].join(", ") || "NONE"})`)
      })
    )
  })

  const pauses = yield* Effect.replicateEffect(Random.nextIntBetween(2, 4), yield* Random.nextIntBetween(3, 6))
  const fibers = yield* Effect.forEach(pauses, (seconds, i) =>
    Effect.forkChild(loop(`Thread-${i + 1}`, seconds).pipe(lane(`Thread-${i + 1}`)))
  )

  const failure = yield* sleep(1).pipe(
    Effect.andThen(lock.withLock(Effect.fail("Thread-0 failed with the lock in its hand"))),
    lane("Thread-0"),
    Effect.flip
  )
  yield* Console.log(`[${yield* ctime}] ${failure}`)
  yield* Fiber.joinAll(fibers)

  yield* Console.log("all DONE at:", yield* ctime)
  yield* verdict({
    ideal: Math.max(...pauses),
    shown: `${pauses.length} loops changed one set, one at a time; withLock let go by itself, even of a loop that failed`,
    ok: remaining.size === 0
  })
})
