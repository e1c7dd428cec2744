import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as Joiner from "../src/Joiner.ts"
import * as TaskScope from "../src/TaskScope.ts"
import { errorOf } from "./support/exits.ts"
import { failuresOf, noted, start } from "./support/scopes.ts"
import { settle } from "./support/settle.ts"

/** Ends so, so many milliseconds of the test's clock after its start. */
const after = <A, E>(millis: number, end: Effect.Effect<A, E>) => Effect.delay(end, millis)

/** The exit of an effect, once the test's clock has been moved on for long enough. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* start(Effect.exit(effect))
    yield* settle
    for (let millis = 0; millis < 20; millis++) {
      yield* TestClock.adjust(1)
      yield* settle
    }
    return yield* Fiber.join(fiber)
  })

const a = after(1, Effect.succeed("a"))
const b = after(2, Effect.succeed("b"))
const c = after(3, Effect.succeed("c"))
const x = after(1, Effect.fail("x"))
const y = after(2, Effect.fail("y"))

describe("Joiner.all", () => {
  it.effect("gives the values in the order of the children, in their shape", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* inTime(TaskScope.join([c, a, b], Joiner.all())), Exit.succeed(["c", "a", "b"]))
      assert.deepStrictEqual(yield* inTime(TaskScope.join({ c, a }, Joiner.all())), Exit.succeed({ c: "c", a: "a" }))
      assert.deepStrictEqual(yield* inTime(TaskScope.join(new Set([b, a]), Joiner.all())), Exit.succeed(["b", "a"]))
      assert.deepStrictEqual(yield* TaskScope.join([], Joiner.all()), [])
      assert.deepStrictEqual(yield* TaskScope.join({}, Joiner.all()), {})
    })
  )

  it.effect("fails with the first failure, and with one that comes in the same moment", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(failuresOf(yield* inTime(TaskScope.join([y, a, x], Joiner.all()))), ["x"])
      const both = [Effect.uninterruptible(after(2, Effect.fail("late"))), x]
      assert.deepStrictEqual(failuresOf(yield* inTime(TaskScope.join(both, Joiner.all()))), ["x", "late"])
    })
  )

  it.effect("a child that was interrupted from elsewhere has failed, and so has one that cancel has stopped", () =>
    Effect.gen(function* () {
      const interrupted = TaskScope.run(Joiner.all<never, never>(), (scope) =>
        Effect.flatMap(scope.fork(Effect.never), (child) => child.interrupt)
      )
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(interrupted)), ["interrupt"])
      const cancelled = TaskScope.run(Joiner.all<never, never>(), (scope) =>
        Effect.andThen(scope.fork(Effect.never), Effect.andThen(scope.cancel, scope.join))
      )
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(cancelled)), ["interrupt"])
    })
  )
})

describe("Joiner.settle", () => {
  it.effect("P40: gives every exit, and none stops another", () =>
    Effect.gen(function* () {
      const expected = [Exit.fail("x"), Exit.succeed("b"), Exit.die("d")]
      const exit = yield* inTime(TaskScope.join([x, b, after(1, Effect.die("d"))], Joiner.settle()))
      assert.deepStrictEqual(exit, Exit.succeed(expected) as never)
      const record = yield* inTime(TaskScope.join({ x, b }, Joiner.settle()))
      assert.deepStrictEqual(record, Exit.succeed({ x: Exit.fail("x"), b: Exit.succeed("b") }))
    })
  )
})

describe("Joiner.first", () => {
  it.effect("gives the first value, whatever failed before, and stops the others", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      assert.deepStrictEqual(
        yield* inTime(TaskScope.join([x, c, b, child("loser")], Joiner.first())),
        Exit.succeed("b")
      )
      assert.deepStrictEqual(log, ["loser runs", "loser stopped"])
    })
  )

  it.effect("fails with all failures if none succeeds, and says so if there was none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(failuresOf(yield* inTime(TaskScope.join([y, x], Joiner.first()))), ["x", "y"])
      const none = errorOf(yield* Effect.exit(TaskScope.join([], Joiner.first())))
      assert.deepInclude(none, { _tag: "NotEnough", joiner: "first", wanted: 1, succeeded: 0 })
      assert.match(none.message, /"first" wanted 1 success and got 0/)
      const open = TaskScope.run(Joiner.first<string, string>(), (scope) =>
        Effect.andThen(scope.fork(x), scope.fork(y))
      )
      assert.deepStrictEqual(failuresOf(yield* inTime(open)), ["x", "y"])
    })
  )

  it.effect("a loser whose finalizer dies is no quiet matter, though there is a winner", () =>
    Effect.gen(function* () {
      const { child } = yield* noted
      const exit = yield* inTime(TaskScope.join([a, child("loser", Effect.die("connection"))], Joiner.first()))
      assert.deepStrictEqual(failuresOf(exit), ["connection"])
    })
  )
})

describe("Joiner.race", () => {
  it.effect("ends as the first child to end", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* inTime(TaskScope.join([c, a, y], Joiner.race())), Exit.succeed("a"))
      assert.deepStrictEqual(yield* inTime(TaskScope.join([c, x, b], Joiner.race())), Exit.fail("x"))
      assert.strictEqual(errorOf(yield* Effect.exit(TaskScope.join([], Joiner.race())))._tag, "NotEnough")
    })
  )
})

describe("Joiner.quorum", () => {
  it.effect("gives so many values in the order in which they came", () =>
    Effect.gen(function* () {
      const { child } = yield* noted
      const exit = yield* inTime(TaskScope.join([c, b, a, x, child("late")], Joiner.quorum(2)))
      assert.deepStrictEqual(exit, Exit.succeed(["a", "b"]))
    })
  )

  it.effect("fails as soon as it can't be reached", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const exit = yield* inTime(TaskScope.join([a, x, y, child("one")], Joiner.quorum(3)))
      assert.deepStrictEqual(failuresOf(exit), ["x", "y"])
      assert.deepStrictEqual(log, ["one runs", "one stopped"])
    })
  )

  it.effect("says that there were too few children", () =>
    Effect.gen(function* () {
      const error = errorOf(yield* inTime(TaskScope.join([a, b], Joiner.quorum(3))))
      assert.deepInclude(error, { _tag: "NotEnough", wanted: 3, succeeded: 2 })
    })
  )

  for (const count of [0, -1, 1.5, Number.NaN]) {
    it.effect(`a quorum of ${count} and a collect of ${count} are defects, and run nothing`, () =>
      Effect.gen(function* () {
        const { child, log } = yield* noted
        const joins = [
          TaskScope.join([child("one")], Joiner.quorum(count)),
          TaskScope.join([child("one")], Joiner.collect(count))
        ]
        for (const join of joins) {
          const [defect] = failuresOf(yield* Effect.exit(join as Effect.Effect<unknown>))
          assert.deepInclude(defect, { _tag: "InvalidOption", option: "joiner" })
        }
        assert.deepStrictEqual(log, [])
      })
    )
  }
})

describe("Joiner.until", () => {
  it.effect(
    "P60: gives the exits until it is enough, in the order of the children, without those that were stopped",
    () =>
      Effect.gen(function* () {
        const names: Array<string> = []
        const joiner = Joiner.until<string, string>((exit, child) => {
          names.push(child.name)
          return Exit.isFailure(exit)
        })
        const exit = yield* inTime(TaskScope.join({ c, y, a }, joiner))
        assert.deepStrictEqual(exit, Exit.succeed([Exit.fail("y"), Exit.succeed("a")]))
        assert.deepStrictEqual(names, ["a", "y"])
        assert.deepStrictEqual(
          yield* inTime(
            TaskScope.join(
              [a],
              Joiner.until(() => false)
            )
          ),
          Exit.succeed([Exit.succeed("a")])
        )
      })
  )
})

describe("Joiner.collect", () => {
  it.effect("gives at most so many values and the failures on the way", () =>
    Effect.gen(function* () {
      const exit = yield* inTime(TaskScope.join([c, b, x, a], Joiner.collect(2)))
      assert.deepStrictEqual(exit, Exit.succeed({ values: ["a", "b"], failures: [Cause.fail("x")], timedOut: false }))
      const few = yield* inTime(TaskScope.join([a], Joiner.collect(2)))
      assert.deepStrictEqual(few, Exit.succeed({ values: ["a"], failures: [], timedOut: false }))
    })
  )

  it.effect("when the time is up gives what there is, and the body goes on with it", () =>
    Effect.gen(function* () {
      const { child, log } = yield* noted
      const exit = yield* inTime(
        TaskScope.run(
          Joiner.collect<string, string>(5),
          (scope) =>
            Effect.gen(function* () {
              yield* scope.fork(a)
              yield* scope.fork(child("late"))
              const { timedOut, values } = yield* scope.join
              yield* Effect.sleep(5)
              return { timedOut, values }
            }),
          { timeout: 3 }
        )
      )
      assert.deepStrictEqual(exit, Exit.succeed({ values: ["a"], timedOut: true }))
      assert.deepStrictEqual(log, ["late runs", "late stopped"])
    })
  )
})

describe("Joiner.discard", () => {
  it.effect("a failure fails the scope, or goes to the handler, which also takes defects", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(failuresOf(yield* inTime(TaskScope.join([a, x, c], Joiner.discard()))), ["x"])
      const heard: Array<string> = []
      const joiner = Joiner.discard<string>({
        onFailure: (cause, { index, name }) => Effect.sync(() => heard.push(`${index} ${name} ${Cause.squash(cause)}`))
      })
      const exit = yield* inTime(TaskScope.join({ a, x, d: after(2, Effect.die("died")), c }, joiner))
      assert.deepStrictEqual(exit, Exit.void)
      assert.deepStrictEqual(heard, ["1 x x", "2 d died"])
    })
  )

  it.effect("a handler that dies fails the scope; an interrupt is none of its business", () =>
    Effect.gen(function* () {
      const joiner = Joiner.discard<string>({ onFailure: () => Effect.die("handler") })
      assert.deepStrictEqual(failuresOf(yield* inTime(TaskScope.join([x], joiner))), ["handler"])
      const interrupted = TaskScope.run(joiner, (scope) =>
        Effect.flatMap(scope.fork(Effect.never), (child) => child.interrupt)
      )
      assert.deepStrictEqual(failuresOf(yield* Effect.exit(Effect.asVoid(interrupted))), [])
    })
  )
})
