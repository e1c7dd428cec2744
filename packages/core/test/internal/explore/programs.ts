/** Small random programs over Effect's own shared objects: what they end with depends on the order of their steps. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import { PreventSchedulerYield } from "effect/Scheduler"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SynchronizedRef from "effect/SynchronizedRef"
import type { Prng } from "../../../src/internal/explore/Prng.ts"
import * as Explore from "../../../src/testing/Explore.ts"

/** What one fiber does: operations by number, each with a place to do it to. */
export interface Op {
  readonly kind: Kind
  readonly at: number
}

const kinds = [
  "read a ref",
  "add to a ref",
  "set a ref from what was read",
  "succeed a deferred",
  "ask a deferred",
  "await a deferred",
  "use a semaphore",
  "try a semaphore",
  "offer to a queue",
  "poll a queue",
  "take from a queue",
  "open a latch",
  "close a latch",
  "release a latch",
  "await a latch",
  "interrupt a fiber",
  "await a fiber",
  "fork a child",
  "run in a set",
  "use a scope",
  "close a scope",
  "sleep",
  "draw a number",
  "update in order",
  "publish",
  "receive"
] as const

type Kind = (typeof kinds)[number]

export type Program = ReadonlyArray<ReadonlyArray<Op>>

/** Of few kinds, so that they have to do with each other. */
export const randomProgram = (prng: Prng, fibers: number, ops: number): Program => {
  const few = Array.from({ length: 3 }, () => kinds[prng.below(kinds.length)]!)
  return Array.from({ length: fibers }, () =>
    Array.from({ length: 1 + prng.below(ops) }, () => ({ kind: few[prng.below(few.length)]!, at: prng.below(2) }))
  )
}

/** Ends with what each fiber saw, and with what is left. */
export const run = (program: Program) =>
  Effect.gen(function* () {
    const refs = [yield* Ref.make(0), yield* Ref.make(0)]
    const deferreds = [yield* Deferred.make<string>(), yield* Deferred.make<string>()]
    const semaphore = yield* Semaphore.make(1)
    const queue = yield* Queue.bounded<string>(1)
    const latch = yield* Latch.make()
    const inOrder = yield* SynchronizedRef.make("")
    const set = yield* FiberSet.make()
    const pubsub = yield* PubSub.bounded<string>(1)
    const subscription = yield* PubSub.subscribe(pubsub)
    const scope = yield* Effect.acquireRelease(Scope.make(), (made) => Scope.close(made, Exit.void))
    const fibers = Explore.shared<Array<Fiber.Fiber<unknown>>>([])

    const perform = ({ at, kind }: Op, self: number, seen: Array<unknown>): Effect.Effect<unknown> => {
      const [deferred, ref] = [deferreds[at]!, refs[at]!]
      switch (kind) {
        case "read a ref":
          return Ref.get(ref)
        case "add to a ref":
          return Ref.updateAndGet(ref, (n) => n + 1)
        case "set a ref from what was read":
          return Ref.set(ref, 10 * self + seen.length)
        case "succeed a deferred":
          return Deferred.succeed(deferred, `${self}`)
        case "ask a deferred":
          return Deferred.isDone(deferred)
        case "await a deferred":
          return Deferred.await(deferred)
        case "use a semaphore":
          return semaphore.withPermit(Ref.updateAndGet(ref, (n) => n * 2 + self))
        case "try a semaphore":
          return semaphore.withPermitsIfAvailable(1)(Effect.yieldNow)
        case "offer to a queue":
          return Queue.offer(queue, `${self}`)
        case "poll a queue":
          return Queue.poll(queue)
        case "take from a queue":
          return Queue.take(queue)
        case "open a latch":
          return latch.open
        case "close a latch":
          return latch.close
        case "release a latch":
          return latch.release
        case "await a latch":
          return latch.await
        case "interrupt a fiber":
          return Effect.suspend(() => (at === self || !fibers[at] ? Effect.void : Fiber.interrupt(fibers[at])))
        case "await a fiber":
          return Effect.suspend(() => (at === self || !fibers[at] ? Effect.void : Fiber.await(fibers[at])))
        case "fork a child":
          return Effect.forkChild(Ref.update(ref, (n) => n + 100)).pipe(Effect.andThen(Ref.get(ref)))
        case "run in a set":
          return FiberSet.run(
            set,
            Ref.update(ref, (n) => n + 1000)
          ).pipe(Effect.andThen(FiberSet.size(set)))
        case "use a scope":
          return Scope.provide(
            Effect.acquireRelease(Ref.get(ref), () => Ref.set(ref, 7 + self)),
            scope
          )
        case "close a scope":
          return Scope.provide(Effect.andThen(Effect.void, Scope.close(scope, Exit.void)), scope)
        case "sleep":
          return Effect.andThen(Effect.sleep(1 + at), Clock.currentTimeMillis)
        case "draw a number":
          return Random.next
        case "update in order":
          return SynchronizedRef.updateAndGetEffect(inOrder, (text) => Effect.as(Effect.yieldNow, `${text}${self}`))
        case "publish":
          return PubSub.publish(pubsub, `${self}`)
        case "receive":
          return PubSub.take(subscription)
      }
    }

    const logs = program.map((): Array<unknown> => [])
    const bodies = program.map((ops, self) => {
      const seen = logs[self]!
      return Effect.forEach(ops, (op) => Effect.map(perform(op, self, seen), (value) => seen.push(value)))
    })
    // One step: the fibers begin beside each other, and not beside the one that starts them.
    const start = Effect.forEach(bodies, (body) =>
      Effect.map(Effect.forkChild(Effect.provideService(body, PreventSchedulerYield, false)), (fiber) => {
        fibers.push(fiber)
      })
    )
    yield* Effect.provideService(Effect.andThen(start, Effect.sleep("1 minute")), PreventSchedulerYield, true)
    // Whoever still waits waits for ever.
    yield* Fiber.interruptAll(fibers)
    const exits = yield* Fiber.awaitAll(fibers)
    return JSON.stringify([
      logs,
      exits.map((exit) => exit._tag),
      yield* Ref.get(refs[0]!),
      yield* Ref.get(refs[1]!),
      yield* SynchronizedRef.get(inOrder),
      yield* Queue.size(queue)
    ])
  })
