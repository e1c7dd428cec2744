/** What a pool tells of its workers and tasks. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as places from "../fixtures/context/places.ts"
import { Region } from "../fixtures/context/tasks.ts"

type Event = Pool.PoolEvent
type Of<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

interface Listener {
  /** All events up to now. */
  readonly events: Array<Event>
  /** Waits until one is like this, or answers at once with one that was. */
  readonly until: (holds: (event: Event) => boolean) => Effect.Effect<Event>
  /** Ends with the stream. */
  readonly ended: Effect.Effect<void>
}

const listen = (stream: Stream.Stream<Event>) =>
  Effect.gen(function* () {
    const arrivals = yield* Queue.unbounded<void>()
    const events: Array<Event> = []
    const hear = (event: Event) =>
      Effect.sync(() => {
        events.push(event)
        Queue.offerUnsafe(arrivals, undefined)
      })
    const fiber = yield* Effect.forkDetach(Stream.runForEach(stream, hear), { startImmediately: true })
    const until = (holds: (event: Event) => boolean): Effect.Effect<Event> =>
      Effect.suspend(() => {
        const found = events.find(holds)
        return found === undefined ? Effect.flatMap(Queue.take(arrivals), () => until(holds)) : Effect.succeed(found)
      })
    const listener: Listener = { events, until, ended: Effect.asVoid(Fiber.join(fiber)) }
    return listener
  })

const is =
  (tag: Event["_tag"], fields: Readonly<Record<string, unknown>> = {}) =>
  (event: Event): boolean =>
    event._tag === tag && Object.entries(fields).every(([key, value]) => event[key as keyof Event] === value)

const tagsOf = (events: ReadonlyArray<Event>) => events.map(({ _tag }) => _tag)

/** As a record: what is compared with it may lack fields. */
const fieldsOf = (event: Event | undefined): object => ({ ...event })

const of = <Tag extends Event["_tag"]>(events: ReadonlyArray<Event>, tag: Tag): ReadonlyArray<Of<Tag>> =>
  events.filter((event): event is Of<Tag> => event._tag === tag)

for (const place of places.all) {
  describe(place.name, () => {
    it.live("a task is queued, started and settled, with its times", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { events, until } = yield* listen(pool.events)
        const before = Date.now()
        yield* pool.run("Region")
        yield* until(is("TaskSettled"))
        const told = events.filter(({ _tag }) => _tag.startsWith("Task"))
        assert.deepEqual(tagsOf(told), ["TaskQueued", "TaskStarted", "TaskSettled"])
        const [queued] = of(events, "TaskQueued")
        const [started] = of(events, "TaskStarted")
        const [settled] = of(events, "TaskSettled")
        assert.deepInclude(fieldsOf(settled), { task: "Region", id: queued?.id, outcome: "succeeded" })
        assert.isTrue(Math.abs((queued?.at ?? 0) - before) < 60_000)
        assert.isAtLeast(started?.at ?? 0, queued?.at ?? 0)
        assert.isAtLeast(settled?.at ?? 0, started?.at ?? 0)
        assert.closeTo(settled?.waited ?? -1, (started?.at ?? 0) - (queued?.at ?? 0), 0.01)
        assert.closeTo(settled?.ran ?? -1, (settled?.at ?? 0) - (started?.at ?? 0), 0.01)
        const worker = (yield* pool.stats).workers[0]?.id
        assert.equal(started?.worker, worker)
        assert.equal(settled?.worker, worker)
      })
    )

    it.live("each end has its own outcome", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { events, until } = yield* listen(pool.events)
        const { heard, here } = yield* places.makeLog
        yield* Effect.exit(pool.run("Refuse"))
        yield* Effect.exit(pool.run("Die"))
        const waiting = yield* Effect.forkChild(here(pool.run("Wait")))
        yield* heard("started")
        const queued = yield* Effect.forkChild(pool.run("Region"), { startImmediately: true })
        yield* Fiber.interrupt(queued)
        yield* Fiber.interrupt(waiting)
        yield* pool.run("Region")
        yield* until(is("TaskSettled", { outcome: "succeeded" }))
        assert.deepEqual(
          of(events, "TaskSettled").map(({ outcome, task }) => [task, outcome]),
          [
            ["Refuse", "failed"],
            ["Die", "died"],
            ["Region", "interrupted"],
            ["Wait", "interrupted"],
            ["Region", "succeeded"]
          ]
        )
        // The one that was interrupted in the queue did not start.
        const [never] = of(events, "TaskSettled").filter((event) => event.task === "Region")
        assert.isFalse(of(events, "TaskStarted").some(({ id }) => id === never?.id))
        assert.deepInclude(fieldsOf(never), { ran: 0 })
        assert.notProperty(never, "worker")
      })
    )

    it.live("each task is settled once, in a flood as well", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ size: 2 })
        const { events, until } = yield* listen(pool.events)
        const count = 2000
        yield* Effect.all(
          Array.from({ length: count }, () => pool.run("Region")),
          { concurrency: "unbounded" }
        )
        yield* until(() => of(events, "TaskSettled").length === count)
        for (const tag of ["TaskQueued", "TaskStarted", "TaskSettled"] as const) {
          assert.equal(new Set(of(events, tag).map(({ id }) => id)).size, count)
          assert.equal(of(events, tag).length, count)
        }
        const phases = new Map<number, string>()
        const follows: Record<string, string | undefined> = { TaskStarted: "TaskQueued", TaskSettled: "TaskStarted" }
        for (const event of events) {
          if (!("id" in event)) continue
          assert.equal(phases.get(event.id), follows[event._tag])
          phases.set(event.id, event._tag)
        }
      })
    )

    it.live("a task that starts is told before it ends", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { until } = yield* listen(pool.events)
        const { here } = yield* places.makeLog
        const fiber = yield* Effect.forkChild(here(pool.run("Wait")))
        yield* until(is("TaskStarted", { task: "Wait" }))
        assert.isUndefined(fiber.pollUnsafe())
        yield* Fiber.interrupt(fiber)
      })
    )

    it.live("a listener that does not listen is told how much it has missed, and slows nobody", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const gate = yield* Latch.make()
        const slow = yield* listen(Stream.tap(pool.events, () => gate.await))
        const quick = yield* listen(pool.events)
        const tasks = 8000
        const calls = Array.from({ length: tasks }, () => pool.run("Region"))
        yield* Effect.all(calls, { concurrency: 16, discard: true })
        yield* quick.until(() => of(quick.events, "TaskSettled").length === tasks)
        assert.equal(of(quick.events, "EventsDropped").length, 0)
        yield* gate.open
        yield* slow.until(is("EventsDropped"))
        // What comes after the gap is heard again.
        yield* pool.run("Annotations")
        for (const { until } of [slow, quick]) yield* until(is("TaskSettled", { task: "Annotations" }))
        const heard = slow.events
        const [dropped, ...others] = of(heard, "EventsDropped")
        assert.equal(others.length, 0)
        const known = heard.findIndex(is("EventsDropped"))
        const missing = quick.events.length - (heard.length - 1)
        assert.equal(dropped?.count, missing)
        // In its place: it and what is before it are what came first.
        assert.deepEqual(heard.slice(0, known), quick.events.slice(0, known))
        assert.deepEqual(heard.slice(known + 1), quick.events.slice(known + missing))
      })
    )

    it.live("the stream ends with the pool, when all has been told", () =>
      Effect.gen(function* () {
        const { ended, events } = yield* Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* place.make()
            const listener = yield* listen(pool.events)
            const { heard, here } = yield* places.makeLog
            yield* Effect.forkDetach(here(pool.run("Wait")))
            yield* heard("started")
            return listener
          })
        )
        yield* ended
        const [settled] = of(events, "TaskSettled")
        assert.deepInclude(fieldsOf(settled), { task: "Wait", outcome: "interrupted" })
        if (place.name !== "fiber") assert.equal(events.at(-1)?._tag, "WorkerRetired")
      })
    )

    it.live("events are JSON lines by their schema", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { events, until } = yield* listen(pool.events)
        yield* Effect.exit(place.name === "fiber" ? pool.run("Die") : pool.run("Exit", { code: 3 }))
        yield* until(is("TaskSettled"))
        const codec = Schema.fromJsonString(Schema.toCodecJson(Pool.PoolEvent))
        const lines = yield* Effect.forEach(events, (event) => Schema.encodeEffect(codec)(event))
        const read = yield* Effect.forEach(lines, (line) => Schema.decodeEffect(codec)(line))
        assert.deepEqual(read, events)
      })
    )
  })
}

for (const place of places.isolated) {
  describe(place.name, () => {
    it.live("who begins to listen hears of the workers that are there", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ size: 2 })
        const { events, until } = yield* listen(pool.events)
        yield* until(() => events.length === 4)
        assert.deepEqual(tagsOf(events), ["WorkerStarted", "WorkerReady", "WorkerStarted", "WorkerReady"])
        assert.deepEqual(
          of(events, "WorkerStarted").map(({ lane }) => lane),
          [0, 1]
        )
        const workers = (yield* pool.stats).workers.map(({ id }) => id)
        assert.sameMembers(
          of(events, "WorkerReady").map(({ worker }) => worker),
          workers
        )
        assert.isTrue(of(events, "WorkerReady").every(({ millis }) => millis > 0))
      })
    )

    it.live("a crash is told with its reason, its replacement, and what became of the task", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { events, until } = yield* listen(pool.events)
        yield* until(is("WorkerReady"))
        const [before] = (yield* pool.stats).workers
        yield* Effect.exit(pool.run("Exit", { code: 3 }))
        yield* pool.run("Region")
        yield* until(is("TaskSettled", { task: "Region" }))
        const told = events.slice(2)
        const [crashed] = of(told, "WorkerCrashed")
        const [replaced] = of(told, "WorkerReplaced")
        const [after] = (yield* pool.stats).workers
        assert.deepInclude(fieldsOf(crashed), { worker: before?.id, ready: true })
        assert.deepEqual(crashed?.reason, new Pool.Exited({ code: 3 }))
        assert.deepInclude(fieldsOf(replaced), { worker: before?.id, replacement: after?.id })
        assert.deepEqual(tagsOf(told), [
          "TaskQueued",
          "TaskStarted",
          "WorkerCrashed",
          "WorkerStarted",
          "WorkerReplaced",
          "TaskSettled",
          "TaskQueued",
          "WorkerReady",
          "TaskStarted",
          "TaskSettled"
        ])
        const [settled] = of(told, "TaskSettled")
        assert.deepInclude(fieldsOf(settled), { outcome: "crashed", error: "WorkerCrashed", worker: before?.id })
      })
    )

    it.live("a call that was never sent is refused", () =>
      Effect.gen(function* () {
        const pool = yield* place.make({ carry: [Region] })
        const { events, until } = yield* listen(pool.events)
        const unsendable = (() => "here") as unknown as string
        yield* Effect.exit(Effect.provideService(pool.run("Region"), Region, unsendable))
        yield* until(is("TaskSettled"))
        assert.deepInclude(fieldsOf(of(events, "TaskSettled")[0]), {
          outcome: "refused",
          error: "EncodeFailed",
          ran: 0
        })
      })
    )

    it.live("nobody is told of tasks from before", () =>
      Effect.gen(function* () {
        const pool = yield* place.make()
        const { heard, here } = yield* places.makeLog
        const waiting = yield* Effect.forkChild(here(pool.run("Wait")))
        yield* heard("started")
        const { events, until } = yield* listen(pool.events)
        yield* Fiber.interrupt(waiting)
        yield* pool.run("Region")
        yield* until(is("TaskSettled"))
        assert.isTrue(events.every((event) => !("task" in event) || event.task === "Region"))
        assert.equal((yield* pool.stats).restarts, 0)
      })
    )
  })
}
