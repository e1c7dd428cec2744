/** The flag says that it is done when it has only begun: the second caller goes on without. */
import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

interface Connection {
  isStarted: boolean
  address: string | undefined
}

const callers = (once: (connection: Connection, mutex: Semaphore.Semaphore) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const connection = Explore.shared<Connection>({ isStarted: false, address: undefined })
    const mutex = yield* Semaphore.make(1)
    const caller = Effect.gen(function* () {
      yield* once(connection, mutex)
      assert.notEqual(connection.address, undefined)
    })
    yield* Effect.all([caller, caller], { concurrency: "unbounded" })
  })

const start = (connection: Connection) =>
  Effect.gen(function* () {
    if (connection.isStarted) return
    connection.isStarted = true
    yield* Effect.yieldNow
    connection.address = "10.0.0.1"
  })

export const brokenOnce: Bug = {
  name: "broken once",
  kind: "defect",
  proof: "every schedule",
  broken: callers(start),
  fixed: callers((connection, mutex) => mutex.withPermit(start(connection)))
}
