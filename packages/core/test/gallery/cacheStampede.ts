/** Whoever finds nothing in the cache computes it: all at once. */
import * as assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

type Lookup = (cache: Map<string, Deferred.Deferred<number>>, compute: Effect.Effect<number>) => Effect.Effect<number>

const lookups = (lookup: Lookup) =>
  Effect.gen(function* () {
    const computed = Explore.shared({ times: 0 })
    const compute = Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => ++computed.times)
    )
    const cache = Explore.shared(new Map<string, Deferred.Deferred<number>>())
    yield* Effect.replicateEffect(lookup(cache, compute), 2, { concurrency: "unbounded" })
    assert.equal(computed.times, 1)
  })

export const cacheStampede: Bug = {
  name: "cache stampede",
  kind: "defect",
  proof: "every schedule",
  broken: lookups((cache, compute) =>
    Effect.gen(function* () {
      const cached = cache.get("key")
      if (cached !== undefined) return yield* Deferred.await(cached)
      const value = yield* compute
      const done = yield* Deferred.make<number>()
      yield* Deferred.succeed(done, value)
      cache.set("key", done)
      return value
    })
  ),
  fixed: lookups((cache, compute) =>
    Effect.suspend(() => {
      const cached = cache.get("key")
      if (cached !== undefined) return Deferred.await(cached)
      const done = Deferred.makeUnsafe<number>()
      cache.set("key", done)
      return Effect.andThen(Deferred.complete(done, compute), Deferred.await(done))
    })
  )
}
