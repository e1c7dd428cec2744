import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import * as Joiner from "../src/Joiner.ts"
import * as Limiter from "../src/Limiter.ts"
import * as TaskScope from "../src/TaskScope.ts"
import { failuresOf, noted, start } from "./support/scopes.ts"
import { settle } from "./support/settle.ts"

describe("TaskScope.run", () => {
  it.effect("gives what the body gives, and the joiner's result to whoever asks for it", () =>
    Effect.gen(function* () {
      const result = yield* TaskScope.run(
        Joiner.all<number, never>(),
        (scope) =>
          Effect.gen(function* () {
            assert.strictEqual(scope.name, "sums")
            const one = yield* scope.fork(Effect.delay(Effect.succeed(1), "2 millis"), { name: "one" })
            yield* scope.fork(Effect.succeed(2))
            assert.strictEqual(one.name, "one")
            assert.deepStrictEqual(yield* one.poll, Option.none())
            yield* start(TestClock.adjust("2 millis"))
            assert.strictEqual(yield* one.join, 1)
            assert.deepStrictEqual(yield* one.poll, Option.some(Exit.succeed(1)))
            return { joined: yield* scope.join, index: one.index }
          }),
        { name: "sums" }
      )
      assert.deepStrictEqual(result, { joined: [1, 2], index: 0 })
    })
  )

  it.effect("does not end before its children, though the body has", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<void>()
      const scope = yield* start(TaskScope.run(Joiner.all<void, never>(), (scope) => scope.fork(Deferred.await(end))))
      yield* settle
      assert.isUndefined(scope.pollUnsafe())
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(scope)
    })
  )

  for (const [what, ends, failures] of [
    ["a defect", Effect.die("defect"), ["defect"]],
    [
      "null thrown",
      Effect.sync(() => {
        throw null
      }),
      [null]
    ],
    ["an interrupt of its own", Effect.interrupt, ["interrupt"]]
  ] as const) {
    it.effect(`${what} in a child is a failure of the scope`, () =>
      Effect.gen(function* () {
        const joined = TaskScope.run(Joiner.all<void, never>(), (scope) => Effect.andThen(scope.fork(ends), scope.join))
        assert.deepStrictEqual(failuresOf(yield* Effect.exit(joined)), failures)
        const body = TaskScope.run(Joiner.all<void, never>(), () => ends)
        assert.deepStrictEqual(failuresOf(yield* Effect.exit(body)), failures)
      })
    )
  }

  it.effect("a body that throws, and a joiner that throws, are defects of the scope", () =>
    Effect.gen(function* () {
      const body = TaskScope.run(Joiner.all<void, never>(), (): Effect.Effect<void> => {
        throw "from the body"
      })
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(body)), ["from the body"])
      const throws = (what: string) => () => {
        throw what
      }
      const quiet: Joiner.Joining<unknown, unknown, void, never> = { onExit: () => "continue", result: () => Exit.void }
      const { child, log } = yield* noted
      for (const joining of [
        { ...quiet, onExit: throws("from onExit") },
        { ...quiet, result: throws("from result") }
      ]) {
        const joiner = Joiner.make<unknown, unknown, void, never>("throws", () => joining)
        const exit = yield* Effect.exit(TaskScope.join([Effect.void], joiner))
        assert.match(String(failuresOf(exit)), /^from (onExit|result)$/)
      }
      const stopped = Joiner.make<unknown, unknown, void, never>("throws", () => ({
        ...quiet,
        onExit: throws("from onExit")
      }))
      const exit = yield* Effect.exit(TaskScope.join([child("one"), Effect.as(Effect.yieldNow, "two")], stopped))
      assert.deepStrictEqual(failuresOf(exit), ["from onExit", "from onExit"])
      assert.deepStrictEqual(log, ["one runs", "one stopped"])
      const begins = Joiner.make<unknown, unknown, void, never>("throws", throws("from begin"))
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(TaskScope.join([], begins))), ["from begin"])
    })
  )

  it.effect("a scope that escaped from its body refuses children, by name", () =>
    Effect.gen(function* () {
      const escaped = yield* TaskScope.run(Joiner.all<void, never>(), (scope) => Effect.succeed(scope), {
        name: "mine"
      })
      const exit = yield* Effect.exit(escaped.fork(Effect.void, { name: "late" }))
      const [defect] = failuresOf(exit)
      assert.instanceOf(defect, TaskScope.ScopeClosed)
      assert.match((defect as Error).message, /"late" was forked in the scope "mine" after its end/)
    })
  )

  it.effect("a child may fork others while it runs, also when the body has ended, and those are waited for", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const say = (what: string) => Effect.sync(() => order.push(what))
      yield* TaskScope.run(Joiner.all<void, never>(), (scope) => {
        const grandchild = Effect.andThen(settle, say("grandchild"))
        const child = Effect.andThen(Effect.andThen(settle, scope.fork(Effect.asVoid(grandchild))), say("child"))
        return Effect.andThen(scope.fork(Effect.asVoid(child)), say("body"))
      })
      assert.deepStrictEqual(order, ["body", "child", "grandchild"])
    })
  )

  it.effect("a child that joins its own scope would wait for itself: a defect that says so", () =>
    Effect.gen(function* () {
      const direct = TaskScope.run(Joiner.settle<unknown, never>(), (scope) =>
        Effect.andThen(scope.fork(scope.join), scope.join)
      )
      const nested = TaskScope.run(Joiner.settle<unknown, never>(), (scope) =>
        Effect.andThen(scope.fork(TaskScope.run(Joiner.all<never, never>(), () => scope.join)), scope.join)
      )
      for (const each of [direct, nested]) {
        const [exit] = yield* each
        assert.instanceOf(failuresOf(exit!)[0], TaskScope.JoinsItself)
      }
    })
  )

  it.effect("a child that is asked to start when the scope wants no more does not start", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const late = yield* TaskScope.run(Joiner.first<string, never>(), (scope) =>
        Effect.gen(function* () {
          yield* scope.fork(Effect.succeed("won"))
          assert.strictEqual(yield* scope.join, "won")
          return yield* scope.fork(child("late"))
        })
      )
      assert.deepStrictEqual(log, [])
      assert.isTrue(Option.exists(yield* late.poll, Exit.isFailure))
      assert.deepStrictEqual(failuresOf(yield* late.await), ["interrupt"])
      assert.deepStrictEqual(failuresOf(yield* late.interrupt), ["interrupt"])
    })
  )

  it.effect("in an uninterruptible region, as a finalizer, its children can be stopped all the same", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const cleanUp = TaskScope.join([child("one"), Effect.as(Effect.yieldNow, "won")], Joiner.first())
      assert.strictEqual(yield* Effect.uninterruptible(cleanUp), "won")
      assert.deepStrictEqual(log, ["one runs", "one stopped"])
    })
  )

  it.effect("cancel stops the children and leaves the body", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const result = yield* TaskScope.run(Joiner.discard(), (scope) =>
        Effect.gen(function* () {
          yield* scope.fork(child("one"))
          yield* settle
          yield* scope.cancel
          assert.deepStrictEqual(log, ["one runs", "one stopped"])
          return "body"
        })
      )
      assert.strictEqual(result, "body")
    })
  )

  it.effect("resources: a child's end with it, the body's when all children have ended", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const resource = (name: string) =>
        Effect.acquireRelease(
          Effect.sync(() => log.push(`+${name}`)),
          () => Effect.sync(() => log.push(`-${name}`))
        )
      yield* TaskScope.run(Joiner.all<unknown, never>(), (scope) =>
        Effect.gen(function* () {
          yield* resource("body")
          yield* scope.fork(resource("short"))
          yield* scope.fork(Effect.andThen(resource("long"), settle))
        })
      )
      assert.deepStrictEqual(log, ["+body", "+short", "-short", "+long", "-long", "-body"])
    })
  )

  it.effect("a defect in the release of what the body acquired is gathered", () =>
    Effect.gen(function* () {
      const body = (end: Effect.Effect<void, string>) =>
        TaskScope.run(Joiner.all<void, never>(), () =>
          Effect.andThen(
            Effect.addFinalizer(() => Effect.die("release")),
            end
          )
        )
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(body(Effect.void))), ["release"])
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(body(Effect.fail("body")))), ["body", "release"])
    })
  )

  it.effect("with a limiter a fork waits, its permit comes back however the child ends, and scopes can share it", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 2 })
      const seen: Array<number> = []
      const child = Effect.andThen(limiter.running, (running) => {
        seen.push(running)
        return Effect.yieldNow
      })
      const scope = TaskScope.run(
        Joiner.discard<string>({ onFailure: () => Effect.void }),
        (scope) =>
          Effect.forEach([child, Effect.andThen(child, Effect.fail("failed")), child], (each) => scope.fork(each)),
        { limiter }
      )
      yield* Effect.all([scope, scope, scope], { concurrency: "unbounded" })
      assert.strictEqual(seen.length, 9)
      assert.isTrue(seen.every((running) => running <= 2))
      assert.strictEqual(yield* limiter.available, 2)
    })
  )

  it.effect("a fork that waits for a permit is interrupted with its scope, and a child before its first step", () =>
    Effect.gen(function* () {
      const limiter = yield* Limiter.make({ permits: 1 })
      const { child, log } = yield* noted
      const exit = yield* Effect.exit(
        TaskScope.run(
          Joiner.all<void, string>(),
          (scope) =>
            Effect.gen(function* () {
              yield* scope.fork(child("one"))
              yield* scope.fork(Effect.andThen(Effect.yieldNow, Effect.fail("stop")), {
                limiter: yield* Limiter.make({ permits: 1 })
              })
              yield* scope.fork(child("two"))
            }),
          { limiter }
        )
      )
      assert.deepStrictEqual(failuresOf(exit), ["stop"])
      assert.deepStrictEqual(log, ["one runs", "one stopped"])
      const failed = TaskScope.run(
        Joiner.all<void, string>(),
        (scope) => Effect.andThen(scope.fork(child("three")), Effect.fail("body")),
        { limiter }
      )
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(failed)), ["body"])
      assert.strictEqual(yield* limiter.available, 1)
      assert.strictEqual(yield* limiter.waiting, 0)
    })
  )
})
