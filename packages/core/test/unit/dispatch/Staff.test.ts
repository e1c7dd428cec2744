/** How many workers there are, and when, on workers that do as they are told and in virtual time. */
import { afterEach, beforeEach, describe, expect, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type Call, ObservedCall, type Outcome } from "../../../src/internal/dispatch/Call.ts"
import { Dispatcher } from "../../../src/internal/dispatch/Dispatcher.ts"
import type { Drained } from "../../../src/internal/dispatch/Drain.ts"
import { type PoolOptions, settingsOf } from "../../../src/internal/dispatch/settings.ts"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { OutOfMemory, WorkerCrashed, WorkerStartFailed, WorkerStuck } from "../../../src/Pool.ts"
import { type FakeWorker, fakeTransport } from "./fakeTransport.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const make = (options: PoolOptions) => {
  const fake = fakeTransport()
  const dispatcher = new Dispatcher(fake.transport, Effect.runSync(settingsOf(options)))
  const started: Array<unknown> = []
  dispatcher.staff.start((failure) => started.push(failure))
  const outcomes: Array<Outcome> = []
  const submit = (key?: string) => {
    const call = new ObservedCall("task", undefined, (outcome) => outcomes.push(outcome), { key })
    dispatcher.submit(call)
    return call
  }
  const states = () => Array.from(dispatcher.staff.sessions, ({ state }) => state)
  return { ...fake, dispatcher, submit, outcomes, states, started }
}

const obeyAll = (workers: ReadonlyArray<FakeWorker>) => {
  for (let turn = 0; turn < 100; turn++) for (const worker of workers) worker.obey()
}

describe("idle workers", () => {
  it("W7: a worker above the minimum ends when it has been idle for the idle time, and not before", () => {
    const { alive, dispatcher, submit, workers } = make({ size: { min: 1, max: 3 }, idleTime: 1000 })
    workers[0]?.ready()
    for (let call = 0; call < 3; call++) submit()
    expect(workers.length).toBe(3)
    obeyAll(workers)
    vi.advanceTimersByTime(999)
    obeyAll(workers)
    expect(alive().length).toBe(3)
    vi.advanceTimersByTime(600)
    obeyAll(workers)
    expect(alive().length).toBe(1)
    vi.advanceTimersByTime(1_000_000)
    obeyAll(workers)
    expect([alive().length, workers.length, dispatcher.staff.restarts]).toEqual([1, 3, 0])
  })

  it("W7: one that has worked in between begins anew", () => {
    const { alive, submit, workers } = make({ size: { min: 0, max: 1 }, idleTime: 1000 })
    submit()
    obeyAll(workers)
    for (let turn = 0; turn < 20; turn++) {
      vi.advanceTimersByTime(700)
      submit()
      obeyAll(workers)
    }
    expect([alive().length, workers.length]).toEqual([1, 1])
    vi.advanceTimersByTime(1500)
    obeyAll(workers)
    expect(alive().length).toBe(0)
  })

  it("a pool of a fixed size has no timer", () => {
    const { workers } = make({ size: 2 })
    obeyAll(workers)
    expect(vi.getTimerCount()).toBe(2)
    // The two start timeouts end with their workers; a range would have one more.
    const ranged = make({ size: { min: 0, max: 2 } })
    ranged.submit()
    obeyAll(ranged.workers)
    expect(vi.getTimerCount()).toBe(4)
  })
})

describe("a worker that does not end", () => {
  it("W26: it is given up after the ladder; what waited for its end is told, and its place is taken", () => {
    const { dispatcher, outcomes, submit, workers } = make({ size: 1, grace: 100 })
    const [worker] = workers as [FakeWorker]
    worker.ready()
    const call = submit()
    worker.start()
    worker.isHeld = true
    const stopped: Array<WorkerStuck | undefined> = []
    dispatcher.withdraw(call, (stuck) => stopped.push(stuck))
    vi.advanceTimersByTime(100)
    // The event loop has a turn: the answer could have come.
    expect(worker.rungs).toEqual([])
    vi.advanceTimersByTime(1)
    expect(worker.rungs).toEqual(["terminate"])
    vi.advanceTimersByTime(100)
    expect(worker.rungs).toEqual(["terminate", "kill"])
    vi.advanceTimersByTime(4999)
    expect([stopped, workers.length]).toEqual([[], 1])
    vi.advanceTimersByTime(1)
    expect(stopped).toEqual([new WorkerStuck({ worker: worker.id, millis: 5000 })])
    expect(workers.length).toBe(2)
    // It comes back, much later, and disturbs nobody.
    worker.isHeld = false
    worker.exit()
    submit()
    obeyAll(workers)
    expect(outcomes.map(({ kind }) => kind)).toEqual(["withdrawn", "replied"])
    expect(workers.length).toBe(2)
  })

  it("W26: closing and draining tell of it", async () => {
    const { dispatcher, workers } = make({ size: 2, grace: 100 })
    for (const worker of workers) worker.ready()
    const [held, other] = workers as [FakeWorker, FakeWorker]
    held.isHeld = true
    const ends: Array<[Drained, ReadonlyArray<WorkerStuck>]> = []
    dispatcher.drain((drained, stuck) => ends.push([drained, stuck]))
    await Promise.resolve()
    other.obey()
    vi.advanceTimersByTime(10_000)
    const nothing = { finished: 0, unfinished: 0 }
    expect(ends).toEqual([[nothing, [new WorkerStuck({ worker: held.id, millis: 5000 })]]])
  })
})

describe("a pool that shrinks, or drains", () => {
  it("what a retiring worker was offered and has not started is run by the others", () => {
    const { dispatcher, outcomes, submit, workers } = make({ size: 2 })
    // Enough for the workers to be offered calls ahead.
    for (let call = 0; call < 180; call++) submit()
    obeyAll(workers)
    expect(outcomes.length).toBe(180)
    for (let call = 0; call < 10; call++) submit()
    for (const worker of workers) worker.start()
    expect(workers.map(({ offered }) => offered.length)).toEqual([4, 4])
    dispatcher.resize({ min: 1, max: 1 })
    expect(workers.map(({ offered, running }) => offered.length + running.length).sort()).toEqual([1, 9])
    obeyAll(workers)
    expect(outcomes.filter(({ kind }) => kind === "replied").length).toBe(190)
  })

  it("one that is taken back, too late, is neither a crash nor a failed start", () => {
    const { dispatcher, states, workers } = make({ size: 2 })
    for (const worker of workers) worker.ready()
    dispatcher.resize({ min: 1, max: 1 })
    expect(states().sort()).toEqual(["ending", "ready"])
    dispatcher.resize({ min: 2, max: 2 })
    obeyAll(workers)
    expect([states(), dispatcher.staff.restarts]).toEqual([["ready", "ready"], 0])
  })

  it("a drain ends when its last call, which was withdrawn, has ended", async () => {
    const { dispatcher, submit, workers } = make({ size: 1 })
    const [worker] = workers as [FakeWorker]
    worker.ready()
    const call = submit()
    worker.start()
    const ends: Array<Drained> = []
    dispatcher.drain((drained) => ends.push(drained))
    dispatcher.withdraw(call, () => {})
    await Promise.resolve()
    expect(worker.isClosing).toBe(false)
    worker.answer()
    await Promise.resolve()
    worker.obey()
    expect(ends).toEqual([{ finished: 0, unfinished: 0 }])
  })
})

describe("workers that don't start", () => {
  const broken = (workers: ReadonlyArray<FakeWorker>) => {
    for (const worker of workers) worker.exit({ code: 9 })
  }

  it("an open circuit fails a flood at once, and starts nothing until it has cooled down", async () => {
    const { outcomes, submit, workers } = make({ size: { min: 0, max: 2 }, restart: Schedule.recurs(0) })
    submit()
    broken(workers)
    const tries = workers.length
    for (let call = 0; call < 1000; call++) submit()
    await Promise.resolve()
    expect(outcomes.length).toBe(1001)
    for (const outcome of outcomes) {
      expect(outcome.kind === "failed" && outcome.error).toBeInstanceOf(WorkerStartFailed)
    }
    expect(workers.length).toBe(tries)
    vi.advanceTimersByTime(1000)
    submit()
    submit()
    expect(workers.length).toBe(tries + 1)
    obeyAll(workers)
    expect(outcomes.slice(-2).map(({ kind }) => kind)).toEqual(["replied", "replied"])
  })

  it("a call that only a missing worker may take is not left when the circuit opens", () => {
    const { dispatcher, outcomes, submit, workers } = make({ size: 2, restart: Schedule.recurs(0) })
    obeyAll(workers)
    // Keys of both workers.
    const keys = ["a", "b", "c", "d", "e", "f"]
    for (const key of keys) submit(key)
    obeyAll(workers)
    expect(outcomes.length).toBe(keys.length)
    const [, second] = workers as [FakeWorker, FakeWorker]
    submit("none")
    for (const worker of workers) worker.start()
    second.exit({ code: 1 })
    for (let turn = 0; turn < 3; turn++) broken(workers.slice(2))
    for (const key of keys) submit(key)
    obeyAll(workers.slice(0, 1))
    expect(dispatcher.queued).toBeGreaterThan(0)
    vi.advanceTimersByTime(1000)
    obeyAll(workers)
    expect(dispatcher.queued).toBe(0)
  })

  it("one that is ready and has nothing to do keeps no other from being started", () => {
    const { dispatcher, submit, workers } = make({ size: { min: 1, max: 2 } })
    obeyAll(workers)
    // It dies before it was given anything: that is a start that failed.
    workers[0]?.exit({ code: 1 })
    vi.advanceTimersByTime(100)
    workers[1]?.ready()
    // A task that takes for ever does not prove it, either.
    submit()
    workers[1]?.start()
    submit()
    expect(workers.length).toBe(3)
    obeyAll(workers)
    expect(dispatcher.queued).toBe(0)
  })
})

describe("memory", () => {
  const mebibyte = 1024 * 1024

  it("W24: one that is too large retires; its task is not touched", () => {
    const { dispatcher, outcomes, states, submit, workers } = make({ size: 1, recycle: { memory: 100 } })
    const [worker] = workers as [FakeWorker]
    worker.ready()
    submit()
    worker.start()
    worker.bytes = 101 * mebibyte
    vi.advanceTimersByTime(1000)
    expect(states()).toEqual(["retiring"])
    worker.answer()
    obeyAll(workers)
    expect(outcomes.map(({ kind }) => kind)).toEqual(["replied"])
    expect([workers.length, dispatcher.staff.recycled, states()]).toEqual([2, 1, ["ready"]])
  })

  it("W21: one above the limit is killed, and its task fails with that", () => {
    const { outcomes, submit, workers } = make({ size: 1, memoryLimit: 100 })
    const [worker] = workers as [FakeWorker]
    worker.ready()
    submit()
    worker.start()
    worker.bytes = 101 * mebibyte
    vi.advanceTimersByTime(100)
    expect(worker.rungs).toEqual(["kill"])
    worker.exit({ code: undefined, signal: "SIGKILL" })
    const [outcome] = outcomes
    const error = outcome?.kind === "failed" ? outcome.error : undefined
    expect(error).toBeInstanceOf(WorkerCrashed)
    expect((error as WorkerCrashed).reason).toEqual(new OutOfMemory())
    expect(workers.length).toBe(2)
  })

  it("of many that are too large half are away at the same time", () => {
    const { states, submit, workers } = make({ size: 4, recycle: { memory: 1 } })
    obeyAll(workers)
    for (let call = 0; call < 4; call++) submit()
    obeyAll(workers)
    for (const worker of workers) worker.bytes = 2 * mebibyte
    vi.advanceTimersByTime(1000)
    expect(states().filter((state) => state === "ready").length).toBe(2)
    obeyAll(workers)
    expect([workers.length, states()]).toEqual([8, ["ready", "ready", "ready", "ready"]])
  })
})

/** One program of random steps. Everything that is accepted settles once, and there are never more workers than may be. */
const walk = async (seed: number) => {
  const random = new Prng()
  random.reset(seed, 0)
  const below = (bound: number) => random.below(bound)
  const sizeOf = () => {
    const max = 1 + below(4)
    return below(2) === 0 ? { min: max, max } : { min: below(max + 1), max }
  }
  const concurrency = 1 + below(2)
  const recycle = below(3) === 0 ? { tasks: 1 + below(4), age: 500 } : {}
  const size = sizeOf()
  const { alive, dispatcher, onSpawn, workers } = make({ size, concurrency, recycle, idleTime: 300, grace: 50 })
  // Those that were superfluous when the pool was made smaller may be on their way out.
  onSpawn((alive) => expect(alive).toBeLessThanOrEqual(dispatcher.staff.size.max))
  for (let turn = 0; turn < 10; turn++) for (const worker of [...workers]) worker.obey()

  const settled = new Map<Call, number>()
  let stopping = 0
  const calls: Array<Call> = []
  const actions: ReadonlyArray<() => void> = [
    ...Array.from({ length: 8 }, () => () => {
      const key = below(3) === 0 ? below(5) : undefined
      const call: Call = new ObservedCall("task", undefined, () => settled.set(call, (settled.get(call) ?? 0) + 1), {
        key
      })
      calls.push(call)
      dispatcher.submit(call)
    }),
    ...Array.from({ length: 12 }, () => () => alive()[below(Math.max(alive().length, 1))]?.obey()),
    () => alive()[below(Math.max(alive().length, 1))]?.start(),
    () => alive()[below(Math.max(alive().length, 1))]?.exit({ code: 1 }),
    () => dispatcher.resize(sizeOf()),
    () => {
      const call = calls[below(Math.max(calls.length, 1))]
      if (call === undefined || call.isForgotten) return
      stopping++
      dispatcher.withdraw(call, () => stopping--)
    },
    () => void vi.advanceTimersByTime(below(200))
  ]
  for (let step = 0; step < 200; step++) actions[below(actions.length)]?.()

  const before = calls.filter((call) => !call.isForgotten).length
  const ends: Array<Drained> = []
  dispatcher.drain((drained) => ends.push(drained))
  const isCut = below(2) === 0
  for (let turn = 0; ends.length === 0 && turn < 5000; turn++) {
    if (isCut && turn === 5) dispatcher.close(() => {})
    for (const worker of alive()) worker.obey()
    vi.advanceTimersByTime(20)
    await Promise.resolve()
  }
  expect(ends).toHaveLength(1)
  const [{ finished, unfinished }] = ends as [Drained]
  expect(finished + unfinished).toBe(before)
  expect([alive().length, stopping]).toEqual([0, 0])
  expect(dispatcher.staff.sessions.size).toBe(0)
  expect([...settled.values()].every((times) => times === 1)).toBe(true)
  expect(settled.size).toBe(calls.length)
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
}

it("random resizes, crashes, interrupts and drains: accepted is settled, once; and never more workers than may be", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    await walk(seed).catch((cause) => {
      throw new Error(`seed ${seed}`, { cause })
    })
    vi.clearAllTimers()
  }
})
