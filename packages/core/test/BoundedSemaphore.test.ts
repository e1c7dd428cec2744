import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as BoundedSemaphore from "../src/BoundedSemaphore.ts"
import { settle } from "./support/settle.ts"
import { endOf, runAll, Stay, Steps, turns, usersOf } from "./support/users.ts"

const max = 4

// Programs of up to 40 commands: by default they would end at 10, too short for a queue to build up and drain.
const arbitrary = { runs: 150, size: 40 }
const Permits = Schema.Literals([1, 2, 3, 4])

const Command = Schema.Union([
  Schema.TaggedStruct("Acquire", { permits: Permits }),
  Schema.TaggedStruct("AcquireWithin", { permits: Permits, seconds: Schema.Literals([1, 2, 3]) }),
  Schema.TaggedStruct("Try", { permits: Permits }),
  Schema.TaggedStruct("Release", { permits: Permits }),
  Schema.TaggedStruct("Interrupt", { which: Schema.Literals([0, 1, 2, 3, 4, 5]) }),
  Schema.TaggedStruct("Sleep", { seconds: Schema.Literals([1, 2]) })
])
type Command = typeof Command.Type

const Program = Arbitrary.array(Arbitrary.schema(Command), { maxLength: 40 })

interface Waiter {
  readonly id: number
  readonly permits: number
  readonly deadline: number
}

/** What a strict FIFO semaphore does: the whole specification, in a dozen lines. */
class Model {
  available = max
  now = 0
  queue: Array<Waiter> = []
  readonly log: Array<string> = []

  acquire(waiter: Waiter): void {
    this.queue.push(waiter)
    this.serve()
  }
  try(permits: number): boolean {
    if (this.queue.length > 0 || permits > this.available) return false
    this.available -= permits
    return true
  }
  release(permits: number): boolean {
    if (this.available + permits > max) return false
    this.available += permits
    this.serve()
    return true
  }
  leave(waiter: Waiter, how: string): void {
    this.log.push(`${waiter.id} ${how}`)
    this.queue = this.queue.filter((other) => other !== waiter)
    this.serve()
  }
  /** Who is the next to give up, if anyone is until then. */
  nextToLeave(until: number): Waiter | undefined {
    return this.queue.filter(({ deadline }) => deadline <= until).toSorted((a, b) => a.deadline - b.deadline)[0]
  }
  private serve(): void {
    for (let head = this.queue[0]; head !== undefined && head.permits <= this.available; head = this.queue[0]) {
      this.available -= head.permits
      this.log.push(`${head.id} granted`)
      this.queue.shift()
    }
  }
}

describe("BoundedSemaphore", () => {
  it.effect.prop(
    "does what its model does, command by command",
    [Program],
    ([program]) =>
      Effect.gen(function* () {
        const model = new Model()
        const semaphore = yield* BoundedSemaphore.make(max)
        const log: Array<string> = []
        const fibers = new Map<number, Fiber.Fiber<void>>()
        const wait = (id: number, acquire: Effect.Effect<void, { readonly _tag: string }>) =>
          acquire.pipe(
            Effect.matchEffect({
              onFailure: () => Effect.sync(() => log.push(`${id} timed out`)),
              onSuccess: () => Effect.sync(() => log.push(`${id} granted`))
            }),
            Effect.onInterrupt(() => Effect.sync(() => log.push(`${id} interrupted`))),
            Effect.asVoid
          )

        const run = Effect.fnUntraced(function* (command: Command, id: number) {
          switch (command._tag) {
            case "Acquire": {
              model.acquire({ id, permits: command.permits, deadline: Number.POSITIVE_INFINITY })
              const fiber = yield* Effect.forkChild(wait(id, semaphore.acquire(command.permits)), {
                startImmediately: true
              })
              return fibers.set(id, fiber)
            }
            case "AcquireWithin": {
              // No two at the same instant: then either order would be right.
              const millis = command.seconds * 1000 + id
              model.acquire({ id, permits: command.permits, deadline: model.now + millis })
              const acquire = semaphore.acquireWithin(millis, command.permits)
              return fibers.set(id, yield* Effect.forkChild(wait(id, acquire), { startImmediately: true }))
            }
            case "Try":
              return assert.strictEqual(yield* semaphore.tryAcquire(command.permits), model.try(command.permits))
            case "Release": {
              const released = yield* Effect.isSuccess(semaphore.release(command.permits))
              return assert.strictEqual(released, model.release(command.permits))
            }
            case "Interrupt": {
              const victim = model.queue[command.which]
              if (victim === undefined) return
              model.leave(victim, "interrupted")
              return yield* Fiber.interrupt(fibers.get(victim.id)!)
            }
            case "Sleep": {
              const until = model.now + command.seconds * 1000
              const sleepUntil = (instant: number) => {
                const millis = instant - model.now
                model.now = instant
                return Effect.andThen(TestClock.adjust(millis), settle)
              }
              for (let next = model.nextToLeave(until); next !== undefined; next = model.nextToLeave(until)) {
                model.leave(next, "timed out")
                yield* sleepUntil(next.deadline)
              }
              yield* sleepUntil(until)
            }
          }
        })

        for (const [id, command] of program.entries()) {
          yield* run(command, id)
          yield* settle
          assert.deepStrictEqual(
            [yield* semaphore.available, ...log.toSorted()],
            [model.available, ...model.log.toSorted()]
          )
          const granted = (entries: ReadonlyArray<string>) => entries.filter((entry) => entry.endsWith("granted"))
          assert.deepStrictEqual(granted(log), granted(model.log), "first come, first served")
        }
      }),
    { arbitrary }
  )

  const Use = Schema.Struct({
    permits: Permits,
    how: Schema.Literals(["withPermits", "scoped", "within", "try"]),
    ...Stay
  })

  it.effect.prop(
    "conserves its permits in any schedule, whoever fails, dies or is interrupted",
    { users: usersOf(Use, 8), steps: Steps },
    ({ users, steps }) =>
      Effect.gen(function* () {
        const semaphore = yield* BoundedSemaphore.make(max)
        let inUse = 0
        const enter = (use: typeof Use.Type) =>
          Effect.map(semaphore.available, (available) => {
            inUse += use.permits
            assert.isAtMost(inUse, max)
            assert.isAtLeast(available, 0)
          })
        const body = (use: typeof Use.Type) =>
          Effect.acquireUseRelease(
            enter(use),
            () =>
              Effect.gen(function* () {
                yield* turns(use.turns)
                assert.isAtMost((yield* semaphore.available) + inUse, max)
                yield* endOf(use)
              }),
            () => Effect.sync(() => (inUse -= use.permits))
          )
        const perform = (use: typeof Use.Type): Effect.Effect<unknown, unknown> => {
          const release = Effect.orDie(semaphore.release(use.permits))
          switch (use.how) {
            case "withPermits":
              return semaphore.withPermits(use.permits)(body(use))
            case "scoped":
              return Effect.scoped(Effect.andThen(semaphore.acquireScoped(use.permits), body(use)))
            case "within":
              return Effect.acquireUseRelease(
                semaphore.acquireWithin("1 second", use.permits),
                () => body(use),
                () => release
              )
            case "try":
              return Effect.acquireUseRelease(
                semaphore.tryAcquire(use.permits),
                (taken) => (taken ? body(use) : Effect.void),
                (taken) => (taken ? release : Effect.void)
              )
          }
        }
        assert.deepStrictEqual(yield* runAll(users, steps, perform), [])
        assert.strictEqual(inUse, 0)
        assert.strictEqual(yield* semaphore.available, max)
        assert.isTrue(yield* semaphore.tryAcquire(max), "no waiter is left behind")
      }),
    { arbitrary }
  )

  it.effect("serves a large request before a small one that came later", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(3)
      yield* semaphore.acquire(2)
      const order: Array<string> = []
      const enter = (name: string, permits: number) =>
        Effect.forkChild(semaphore.withPermits(permits)(Effect.sync(() => order.push(name))), {
          startImmediately: true
        })
      const large = yield* enter("large", 3)
      const small = yield* enter("small", 1)
      assert.isFalse(yield* semaphore.tryAcquire(), "a try doesn't overtake either")
      yield* settle
      assert.deepStrictEqual(order, [])
      yield* semaphore.release(2)
      yield* Fiber.joinAll([large, small])
      assert.deepStrictEqual(order, ["large", "small"])
    })
  )

  it.effect("loses no permit when a grant and the end of the time meet", () =>
    Effect.gen(function* () {
      const outcomes = new Set<string>()
      for (let turns = 0; turns < 30; turns++) {
        const semaphore = yield* BoundedSemaphore.make(1)
        yield* semaphore.acquire()
        const waiter = yield* Effect.forkChild(Effect.result(semaphore.acquireWithin("1 second")), {
          startImmediately: true
        })
        const release = Effect.andThen(
          Effect.forEach(Array.from({ length: turns }), () => Effect.yieldNow, { discard: true }),
          semaphore.release()
        )
        yield* Effect.all([release, TestClock.adjust("1 second")], { concurrency: "unbounded" })
        const { _tag } = yield* Fiber.join(waiter)
        outcomes.add(_tag)
        assert.strictEqual(yield* semaphore.available, _tag === "Success" ? 0 : 1)
      }
      assert.deepStrictEqual([...outcomes].toSorted(), ["Failure", "Success"])
    }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 3))
  )

  it.effect("loses no permit when a grant and an interrupt meet", () =>
    Effect.gen(function* () {
      const outcomes = new Set<string>()
      for (let turns = 0; turns < 40; turns++) {
        const semaphore = yield* BoundedSemaphore.make(1)
        yield* semaphore.acquire()
        let entered = false
        const use = Effect.sync(() => {
          entered = true
        })
        const waiter = yield* Effect.forkChild(semaphore.withPermit(use), { startImmediately: true })
        const interrupt = Effect.andThen(
          Effect.forEach(Array.from({ length: turns }), () => Effect.yieldNow, { discard: true }),
          Fiber.interrupt(waiter)
        )
        yield* Effect.all([semaphore.release(), interrupt], { concurrency: "unbounded" })
        outcomes.add(entered ? "entered" : "interrupted")
        assert.strictEqual(yield* semaphore.available, 1, `after ${turns} turns`)
      }
      assert.deepStrictEqual([...outcomes].toSorted(), ["entered", "interrupted"])
    }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 3))
  )

  it.effect("errors say what to do", () =>
    Effect.gen(function* () {
      const semaphore = yield* BoundedSemaphore.make(1)
      assert.include((yield* Effect.flip(semaphore.release())).message, "1 of 1 permits are available already")
      assert.include((yield* Effect.flip(semaphore.acquire(2))).message, "a whole number from 1 to 1")
      yield* semaphore.acquire()
      assert.include((yield* Effect.flip(semaphore.acquireOrFail())).message, "wait for them with acquire")
    })
  )
})
