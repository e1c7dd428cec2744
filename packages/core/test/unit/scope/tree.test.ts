/** Dumps of what runs, exactly as they are drawn, and where they come from. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as BoundedSemaphore from "../../../src/BoundedSemaphore.ts"
import * as Joiner from "../../../src/Joiner.ts"
import * as Limiter from "../../../src/Limiter.ts"
import * as Mutex from "../../../src/Mutex.ts"
import * as TaskScope from "../../../src/TaskScope.ts"
import * as Tracker from "../../../src/Tracker.ts"
import * as places from "../../fixtures/places.ts"
import { start } from "../../support/scopes.ts"
import { settle } from "../../support/settle.ts"

const drawn = Effect.map(TaskScope.tree, TaskScope.render)

/** What is drawn while the effect runs, so long after its start. */
const whileRunning = <A, E, R>(effect: Effect.Effect<A, E, R>, millis = 1500) =>
  Effect.gen(function* () {
    const running = yield* start(effect)
    yield* settle
    yield* TestClock.adjust(millis)
    yield* settle
    const text = yield* drawn
    yield* Fiber.interrupt(running)
    assert.strictEqual(yield* drawn, "no scope is open\n")
    return text
  })

describe("TaskScope.tree", () => {
  it.effect("says who runs in which scope, since when, and waits for what", () =>
    Effect.gen(function* () {
      const mutex = yield* Mutex.make({ name: "accounts" })
      const semaphore = yield* BoundedSemaphore.make(1)
      const limiter = yield* Limiter.make({ permits: 1, name: "api" })
      const rate = yield* Limiter.make({ limit: 1, per: "1 hour", name: "mails" })
      const tracker = yield* Tracker.make({ name: "requests" })
      yield* Effect.all([mutex.acquire, semaphore.acquire(), rate.withPermit(Effect.void)])
      const rows = Effect.delay(
        TaskScope.join([Effect.never, Effect.void, Effect.never], Joiner.quorum(2), { name: "rows" }),
        "500 millis"
      )
      const page = TaskScope.run(
        Joiner.all<unknown, unknown>(),
        (scope) =>
          Effect.gen(function* () {
            yield* scope.fork(Effect.void, { name: "ended" })
            const both = Effect.all([mutex.withLock(Effect.void), semaphore.withPermit(Effect.void)], {
              concurrency: 2
            })
            yield* scope.fork(both, { name: "user" })
            yield* scope.fork(rows, { name: "orders" })
            yield* scope.fork(limiter.withPermit(Effect.never))
            yield* scope.fork(limiter.withPermit(rate.withPermit(Effect.never)))
            yield* scope.fork(rate.withPermit(Effect.void), { name: "mail" })
            const last = yield* scope.fork(tracker.track(Effect.andThen(tracker.awaitDrained, Effect.void)))
            yield* last.join
          }),
        { name: "page" }
      )
      assert.strictEqual(
        yield* whileRunning(page),
        `
page (all), 1.5 s: 6 of 7 children run
├─ body, 1.5 s, waits for the child "child 6" (1.5 s)
├─ user, 1.5 s, waits for the lock accounts (1.5 s) and a semaphore of 1 (1.5 s)
├─ orders, 1.5 s
│  └─ rows (quorum of 2), 1.0 s: 2 of 3 children run
│     ├─ body, 1.0 s, waits for its children, 2 of which run (1.0 s)
│     ├─ child 0, 1.0 s
│     └─ child 2, 1.0 s
├─ child 3, 1.5 s
├─ child 4, 1.5 s, waits for the limiter api (1.5 s)
├─ mail, 1.5 s, waits for the rate of the limiter mails (1.5 s)
└─ child 6, 1.5 s, waits for the end of requests, 1 of which is under way (1.5 s)
`.trimStart()
      )
    })
  )

  it.effect("two scopes are two trees; one that stops says so; a minute is a minute", () =>
    Effect.gen(function* () {
      const slow = Effect.onInterrupt(Effect.never, () => Effect.sleep("1 hour"))
      const stopping = TaskScope.join({ slow, won: Effect.sleep("1 second") }, Joiner.first(), { name: "stopping" })
      const other = yield* start(TaskScope.join([Effect.never], Joiner.all()))
      const running = yield* start(stopping)
      yield* settle
      yield* TestClock.adjust("90 seconds")
      yield* settle
      assert.strictEqual(
        yield* drawn,
        `
a scope (all), 1 min 30 s: 1 of 1 children run
├─ body, 1 min 30 s, waits for its children, 1 of which run (1 min 30 s)
└─ child 0, 1 min 30 s
stopping (first), 1 min 30 s: 1 of 2 children run
├─ body, 1 min 30 s, waits for its children, 1 of which run (1 min 30 s)
└─ slow, 1 min 30 s, is stopping
`.trimStart()
      )
      yield* Fiber.interrupt(other)
      yield* start(TestClock.adjust("1 hour"))
      yield* Fiber.join(running)
      assert.deepStrictEqual(yield* TaskScope.tree, [])
    })
  )

  it.effect("knows of sleeps where leaks are looked for", () =>
    Effect.gen(function* () {
      const scope = TaskScope.join({ nap: Effect.sleep("1 minute") }, Joiner.all(), { name: "day" })
      assert.match(yield* whileRunning(TaskScope.reportLeaks(scope)), /nap, 1.5 s, waits for a sleep of 1m \(1.5 s\)/)
    })
  )

  for (const place of places.all) {
    it.live(`says where a task is: queued, or at a worker, in a pool of the place ${place.name}`, () =>
      Effect.gen(function* () {
        const { heard, pool } = yield* place.make({ size: 1 })
        const children = { one: pool.run("Wait", { label: "one" }), two: pool.run("Wait", { label: "two" }) }
        // Also by the longer path, of calls with options.
        const three = pool.run("Wait", { label: "three" }, { priority: -1 })
        const running = yield* start(TaskScope.join({ ...children, three }, Joiner.all(), { name: "work" }))
        yield* heard("started one")
        const text = yield* drawn
        assert.match(text, /one, \d+ ms, waits for the task Wait(, which runs| at worker \d+) \(/)
        assert.match(text, /two, \d+ ms, waits for the task Wait, queued \(/)
        assert.match(text, /three, \d+ ms, waits for the task Wait, queued \(/)
        yield* Fiber.interrupt(running)
        const labels = ["a", "b"].map((label) => ({ label }))
        const mapping = yield* start(TaskScope.join({ all: pool.map("Wait", labels) }, Joiner.all()))
        yield* heard("started a")
        assert.match(yield* drawn, /all, \d+ ms, waits for (a map of Wait|the task Wait, which runs) \(/)
        yield* Fiber.interrupt(mapping)
      })
    )
  }
})

describe("TaskScope.dumpOnSignal", () => {
  it.effect("writes the tree at each signal, until its scope closes", () =>
    Effect.gen(function* () {
      const written: Array<string> = []
      const before = process.listenerCount("SIGUSR2")
      const scope = yield* Scope.make()
      yield* Scope.provide(TaskScope.dumpOnSignal("SIGUSR2", { write: (text) => void written.push(text) }), scope)
      process.emit("SIGUSR2", "SIGUSR2")
      const running = yield* start(TaskScope.join([Effect.never], Joiner.all(), { name: "mine" }))
      process.emit("SIGUSR2", "SIGUSR2")
      yield* Fiber.interrupt(running)
      assert.strictEqual(written[0], "no scope is open\n")
      assert.match(written[1]!, /^mine \(all\)/)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(process.listenerCount("SIGUSR2"), before)
    })
  )

  it.effect("refuses what nobody can listen to", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(TaskScope.dumpOnSignal("SIGKILL"))
      assert.deepInclude(error, { _tag: "InvalidOption", option: "signal" })
    })
  )

  it.live("answers a real signal on standard error, and keeps no program alive", () =>
    Effect.promise(async () => {
      const child = fork(new URL("../../fixtures/scopeProgram.ts", import.meta.url), { silent: true })
      let text = ""
      child.stderr?.on("data", (chunk) => {
        text += chunk
        if (text.includes("└─ ")) child.send("end")
      })
      child.once("message", () => child.kill("SIGUSR2"))
      const [code] = await once(child, "close")
      assert.strictEqual(code, 0)
      assert.match(text, /^service \(all\), .*: 1 of 1 children run\n├─ body, .*\n└─ request 1, /)
    })
  )
})
