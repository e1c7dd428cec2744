/** The article's lock: loops add and remove their name in one set, each change between `acquire` and `release`. */
import * as Mutex from "@ropewalk/core/Mutex"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { ctime, lane, sleep, verdict } from "../internal/Stage.ts"

/** A set that reads as its members, or NONE. */
class CleanOutputSet extends Set<string> {
  override toString(): string {
    return [...this].join(", ") || "NONE"
  }
}

const loop = Effect.fnUntraced(function* (name: string, seconds: number, lock: Mutex.Mutex, remaining: CleanOutputSet) {
  yield* lock.acquire
  remaining.add(name)
  yield* Console.log(`[${yield* ctime}] Started ${name}`)
  yield* lock.release

  yield* sleep(seconds)

  yield* lock.acquire
  remaining.delete(name)
  yield* Console.log(`[${yield* ctime}] Completed ${name} (${seconds} secs)`)
  yield* Console.log(` (remaining: ${remaining})`)
  yield* lock.release
})

/** Acquires, then fails. Without the `ensuring` nobody would ever get the lock again: `with-lock` can't forget it. */
const failing = Effect.fnUntraced(function* (name: string, lock: Mutex.Mutex) {
  yield* lock.acquire
  yield* Effect.ensuring(Effect.fail(`${name} failed with the lock in its hand`), Effect.ignore(lock.release))
})

export const run = Effect.gen(function* () {
  const lock = yield* Mutex.make()
  const remaining = new CleanOutputSet()
  const pauses = yield* Effect.replicateEffect(Random.nextIntBetween(2, 4), yield* Random.nextIntBetween(3, 6))

  const fibers = yield* Effect.forEach(pauses, (seconds, i) =>
    Effect.forkChild(loop(`Thread-${i + 1}`, seconds, lock, remaining).pipe(lane(`Thread-${i + 1}`)))
  )
  const failure = yield* sleep(1).pipe(Effect.andThen(failing("Thread-0", lock)), lane("Thread-0"), Effect.flip)
  yield* Console.log(`[${yield* ctime}] ${failure}`)
  yield* Fiber.joinAll(fibers)

  yield* Console.log("all DONE at:", yield* ctime)
  yield* verdict({
    ideal: Math.max(...pauses),
    shown: `${pauses.length} loops changed one set, one at a time, and a loop that failed still let go of the lock`,
    ok: remaining.size === 0
  })
})
