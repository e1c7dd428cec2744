/** The metrics of a pool, after what is known to have happened. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as places from "../fixtures/context/places.ts"

const registry = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map())
)

/** What is in the registry, by the name without its prefix. */
const read = (pool: string) =>
  Effect.map(Metric.snapshot, (snapshots) => {
    const own = snapshots.filter(({ attributes }) => attributes?.["pool"] === pool)
    const states = own.map(({ id, state }) => [id.replace("ropewalk_pool_", ""), state] as const)
    return Object.fromEntries(states) as Readonly<Record<string, any>>
  })

const valueOf = (states: Readonly<Record<string, any>>) =>
  Object.fromEntries(Object.entries(states).map(([name, state]) => [name, state.value ?? state.count]))

for (const place of places.all) {
  describe(place.name, () => {
    it.live("queue, tasks in flight, utilisation, outcomes and times", () =>
      registry(
        Effect.gen(function* () {
          const pool = yield* place.make({ size: 1, concurrency: 2, metrics: { name: "sums" } })
          const { heard, here } = yield* places.makeLog
          const idle = valueOf(yield* read("sums"))
          assert.deepInclude(idle, { queued: 0, running: 0, utilisation: 0, completed: 0, crashed: 0, restarts: 0 })
          assert.deepInclude(idle, { wait_millis: 0, run_millis: 0, busy_millis: 0 })
          yield* Effect.all(Array.from({ length: 5 }, () => pool.run("Region")))
          const first = yield* Effect.forkChild(here(pool.run("Wait")))
          yield* heard("started")
          assert.deepInclude(valueOf(yield* read("sums")), { running: 1, utilisation: 0.5, completed: 5 })
          yield* Fiber.interrupt(first)
          const states = yield* read("sums")
          assert.equal(states["run_millis"].count, 6)
          assert.equal(states["wait_millis"].count, 6)
          assert.deepInclude(valueOf(states), { queued: 0, running: 0, utilisation: 0 })
          const { buckets, max, min, sum } = states["run_millis"]
          assert.isAtLeast(sum, max)
          assert.isAtLeast(max, min)
          assert.closeTo(states["busy_millis"].count, sum, 1e-9)
          const counts = buckets.map(([, count]: readonly [number, number]) => count)
          assert.deepEqual(
            counts,
            counts.toSorted((a: number, b: number) => a - b)
          )
          assert.equal(counts.at(-1), 6)
        })
      )
    )

    it.live("a pool that was not asked for metrics has none, and one that is closed has them no more", () =>
      registry(
        Effect.gen(function* () {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const silent = yield* place.make()
              yield* silent.run("Region")
              assert.deepEqual(yield* Metric.snapshot, [])
              yield* place.make({ metrics: { name: "short" } })
              assert.notDeepEqual(yield* read("short"), {})
            })
          )
          assert.deepEqual(yield* Metric.snapshot, [])
        })
      )
    )

    it.live("pools without a name are told apart, and say where they are", () =>
      registry(
        Effect.gen(function* () {
          yield* place.make({ metrics: true })
          yield* place.make({ metrics: true })
          const attributes = (yield* Metric.snapshot).map(
            ({ attributes }) => attributes as { readonly [key: string]: string }
          )
          assert.equal(new Set(attributes.map((attribute) => attribute["pool"])).size, 2)
          assert.isTrue(attributes.every((attribute) => attribute["place"] === place.name))
        })
      )
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("crashes and restarts", () =>
      registry(
        Effect.gen(function* () {
          const pool = yield* place.make({ metrics: { name: "crashing" } })
          yield* Effect.exit(pool.run("Exit", { code: 1 }))
          yield* pool.run("Region")
          assert.deepInclude(valueOf(yield* read("crashing")), { completed: 1, crashed: 1, restarts: 1 })
        })
      )
    )

    it.live("tasks that wait for a worker are queued, or offered to it and not running", () =>
      registry(
        Effect.gen(function* () {
          const pool = yield* place.make({ metrics: { name: "busy" } })
          const { heard, here } = yield* places.makeLog
          const first = yield* Effect.forkChild(here(pool.run("Wait")))
          yield* heard("started")
          const others = yield* Effect.forEach([1, 2, 3], () =>
            Effect.forkChild(pool.run("Region"), { startImmediately: true })
          )
          assert.deepInclude(valueOf(yield* read("busy")), { queued: 3, running: 1, utilisation: 1 })
          yield* Fiber.interrupt(first)
          yield* Fiber.joinAll(others)
          const { queued, running } = valueOf(yield* read("busy"))
          assert.deepEqual([queued, running], [0, 0])
        })
      )
    )
  })
}
