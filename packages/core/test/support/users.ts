/** Fibers that use a lock in random ways, fail or die while they have it, and are interrupted at random moments. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

interface User<Use> {
  readonly uses: ReadonlyArray<Use>
  /** Turns, or `never`. */
  readonly interruptAfter: number
}

const never = 1000

/** How long a use has the lock, in turns, and how it ends. */
export const Stay = {
  turns: Schema.Literals([0, 1, 2, 5]),
  ends: Schema.Literals(["well", "failing", "dying"])
}

/** A fiber yields after so many steps of Effect: few, and the runs interleave inside the lock's own code too. */
export const Steps = Schema.Literals([3, 4, 5, 7, 11, 2048])

export const usersOf = <Use>(use: Schema.Schema<Use>, most: number): Arbitrary.Arbitrary<ReadonlyArray<User<Use>>> =>
  Arbitrary.array(
    Arbitrary.all({
      uses: Arbitrary.array(Arbitrary.schema(use), { maxLength: 4 }),
      interruptAfter: Arbitrary.schema(Schema.Literals([0, 1, 2, 3, 5, 8, 13, never]))
    }),
    { minLength: 2, maxLength: most }
  )

export const turns = (count: number): Effect.Effect<void> =>
  Effect.forEach(Array.from({ length: count }), () => Effect.yieldNow, { discard: true })

/** To be the last of what a use does inside. */
export const endOf = ({ ends }: { readonly ends: "well" | "failing" | "dying" }): Effect.Effect<void, string> => {
  if (ends === "failing") return Effect.fail("failing")
  return ends === "dying" ? Effect.die("dying") : Effect.void
}

/** Runs them until all have ended, while time passes; answers with the defects that no use was to die of. */
export const runAll = <Use>(
  users: ReadonlyArray<User<Use>>,
  steps: number,
  perform: (use: Use) => Effect.Effect<unknown, unknown>
): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.gen(function* () {
    const defects: Array<unknown> = []
    const once = (use: Use) =>
      Effect.catchDefect(Effect.ignore(perform(use)), (defect) =>
        Effect.sync(() => defect !== "dying" && defects.push(defect))
      )
    const running = yield* Effect.forEach(users, ({ uses }) =>
      Effect.forkChild(Effect.forEach(uses, once, { discard: true }))
    )
    const interrupts = users.flatMap(({ interruptAfter }, index) =>
      interruptAfter === never ? [] : [Effect.andThen(turns(interruptAfter), Fiber.interrupt(running[index]!))]
    )
    yield* Effect.forkChild(Effect.all(interrupts, { concurrency: "unbounded" }))
    yield* Effect.forkScoped(Effect.forever(TestClock.adjust("100 millis")))
    yield* Effect.forEach(running, Fiber.await)
    return defects
  }).pipe(Effect.scoped, Effect.provideService(Scheduler.MaxOpsBeforeYield, steps))
