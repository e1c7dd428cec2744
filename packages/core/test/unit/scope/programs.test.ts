/**
 * Random programs of nested scopes, failures, interrupts and deadlines, against the model: the result is the model's, nothing
 * runs when its scope has ended, and every finalizer ran once, the last first.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Joiner from "../../../src/Joiner.ts"
import * as Limiter from "../../../src/Limiter.ts"
import * as TaskScope from "../../../src/TaskScope.ts"
import { start } from "../../support/scopes.ts"
import { settle } from "../../support/settle.ts"
import { expected, generate, type Leaf, type Nested, type Outcome, type Program } from "./model.ts"

class Books {
  /** Every leaf takes one of its permits. */
  readonly limiter: Limiter.Limiter
  readonly running = new Set<string>()
  readonly released = new Map<string, Array<number>>()
  readonly problems: Array<string> = []

  constructor(limiter: Limiter.Limiter) {
    this.limiter = limiter
  }
}

type AnyEffect = Effect.Effect<unknown, unknown>

const nameOf = (reason: Cause.Reason<unknown>): string => {
  if (Cause.isInterruptReason(reason)) return "interrupt"
  if (Cause.isDieReason(reason)) return `dies ${reason.defect}`
  const { error } = reason
  if (error instanceof TaskScope.ScopeTimeout) return `late ${error.scope}`
  return error instanceof TaskScope.NotEnough ? "too few" : `fails ${error}`
}

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome =>
  Exit.isSuccess(exit) ? { value: exit.value } : { reasons: exit.cause.reasons.map(nameOf).sort() }

const leafEffect = (books: Books, { at, dies, ends, finalizers, name }: Leaf): AnyEffect =>
  Effect.gen(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => books.running.add(name)),
      () => Effect.sync(() => books.running.delete(name))
    )
    yield* books.limiter.acquireScoped
    const order: Array<number> = []
    books.released.set(name, order)
    for (let finalizer = 0; finalizer < finalizers; finalizer++) {
      yield* Effect.addFinalizer(() =>
        Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => order.push(finalizer))
        )
      )
    }
    const whole = Effect.andThen(ends === "never" ? Effect.never : Effect.sleep(at), () => {
      if (ends === "failing") return Effect.fail(name)
      return ends === "dying" ? Effect.die(name) : Effect.succeed(name)
    })
    return yield* dies ? Effect.onInterrupt(whole, () => Effect.die(`${name} interrupted`)) : whole
  }).pipe(Effect.scoped)

const leavesOf = (program: Program): ReadonlyArray<Leaf> =>
  program.kind === "leaf" ? [program] : program.children.flatMap(leavesOf)

const scopeEffect = (books: Books, scope: Nested): AnyEffect => {
  const children = scope.children.map((child) => effectOf(books, child))
  const options = { name: scope.name, timeout: scope.timeout }
  const joined = (): AnyEffect => {
    switch (scope.joiner) {
      case "all":
        return TaskScope.join(children, Joiner.all(), options)
      case "settle":
        return Effect.map(TaskScope.join(children, Joiner.settle(), options), (exits) =>
          exits.map((exit) => (Exit.isSuccess(exit) ? exit.value : outcomeOf(exit)))
        )
      case "first":
        return TaskScope.join(children, Joiner.first(), options)
      case "race":
        return TaskScope.join(children, Joiner.race(), options)
      case "quorum":
        return TaskScope.join(children, Joiner.quorum(2), options)
      case "collect":
        return Effect.map(TaskScope.join(children, Joiner.collect(2), options), ({ failures, values }) => ({
          values,
          failed: failures.length
        }))
    }
  }
  return Effect.onExit(Effect.suspend(joined), () =>
    Effect.sync(() => {
      const still = leavesOf(scope).filter(({ name }) => books.running.has(name))
      if (still.length > 0) books.problems.push(`${still.map(({ name }) => name)} ran when ${scope.name} had ended`)
    })
  )
}

const effectOf = (books: Books, program: Program): AnyEffect =>
  program.kind === "leaf" ? leafEffect(books, program) : scopeEffect(books, program)

/** The model knows the scope of which there were too few. */
const withoutNames = (outcome: Outcome | undefined): unknown =>
  JSON.parse(JSON.stringify(outcome ?? "never ends").replaceAll(/too few scope\d+/g, "too few"))

describe("random programs of nested scopes", () => {
  it.effect.prop(
    "end as the model says, with nothing running and all finalizers run",
    { seed: Schema.Int },
    ({ seed }) =>
      Effect.gen(function* () {
        const run = generate(seed)
        const books = new Books(yield* Limiter.make({ permits: 1000 }))
        const listen = (report: TaskScope.LeakReport) =>
          Effect.sync(() => report.held.length > 0 && books.problems.push(TaskScope.formatLeaks(report)))
        const fiber = yield* start(TaskScope.reportLeaks(effectOf(books, run.program), listen))
        for (let now = 0; now < run.until; now++) {
          if (now === run.interruptAt) yield* start(Fiber.interrupt(fiber))
          yield* settle
          yield* TestClock.adjust(1)
        }
        yield* settle
        const what = `seed ${seed}: ${JSON.stringify(run, undefined, 1)}`
        const exit = fiber.pollUnsafe()
        assert.deepStrictEqual(withoutNames(exit && outcomeOf(exit)), withoutNames(expected(run)), what)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(books.problems, [], what)
        assert.deepStrictEqual([...books.running], [], what)
        assert.strictEqual(yield* books.limiter.available, 1000, what)
        for (const { finalizers, name } of leavesOf(run.program)) {
          const order = books.released.get(name) ?? []
          const all = Array.from({ length: finalizers }, (_, index) => finalizers - 1 - index)
          assert.deepStrictEqual(order, books.released.has(name) ? all : [], `${name} of ${what}`)
        }
      }),
    { arbitrary: { runs: 150 } }
  )
})
