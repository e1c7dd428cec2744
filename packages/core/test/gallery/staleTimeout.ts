/** The timer of a request that was answered in time strikes the request that follows on the same connection. */
import * as assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

interface Connection {
  pending: Deferred.Deferred<string> | undefined
  generation: number
}

const twoRequests = (checksGeneration: boolean) =>
  Effect.gen(function* () {
    const connection = Explore.shared<Connection>({ pending: undefined, generation: 0 })
    const request = (duration: string, answer: Effect.Effect<void>) =>
      Effect.gen(function* () {
        const reply = yield* Deferred.make<string>()
        connection.pending = reply
        const mine = ++connection.generation
        const timer = Effect.gen(function* () {
          yield* Effect.sleep("10 seconds")
          const { generation, pending } = connection
          if (pending !== undefined && (!checksGeneration || mine === generation)) {
            yield* Deferred.succeed(pending, "timed out")
          }
        })
        yield* Effect.forkChild(timer)
        yield* Effect.forkChild(Effect.andThen(answer, Deferred.succeed(reply, duration)))
        return yield* Deferred.await(reply)
      })
    assert.equal(yield* request("short", Effect.sleep("5 seconds")), "short")
    assert.equal(yield* request("long", Effect.sleep("8 seconds")), "long")
  })

export const staleTimeout: Bug = {
  name: "stale timeout",
  kind: "defect",
  proof: "every schedule",
  broken: twoRequests(false),
  fixed: twoRequests(true)
}
