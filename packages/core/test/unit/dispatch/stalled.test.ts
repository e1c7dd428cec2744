/** A worker that comes upon a long task among short ones, in virtual time: what it was offered ahead does not wait for it. */
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ObservedCall } from "../../../src/internal/dispatch/Call.ts"
import { Dispatcher } from "../../../src/internal/dispatch/Dispatcher.ts"
import { settingsOf } from "../../../src/internal/dispatch/settings.ts"
import { type FakeWorker, fakeTransport } from "./fakeTransport.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Milliseconds that a short task takes. */
const short = 0.05

/** Both have been measured by short tasks, and many calls wait. */
const quickPool = () => {
  const { transport, workers } = fakeTransport()
  const dispatcher = new Dispatcher(transport, Effect.runSync(settingsOf({ size: 2 })))
  dispatcher.staff.start(() => {})
  const [one, other] = workers as [FakeWorker, FakeWorker]
  one.ready()
  other.ready()
  const settled: Array<number> = []
  for (let n = 0; n < 1000; n++) dispatcher.submit(new ObservedCall("task", n, () => settled.push(n)))
  const work = (worker: FakeWorker) => {
    worker.start()
    vi.advanceTimersByTime(short)
    worker.answer()
  }
  for (let task = 0; task < 100; task++) {
    work(one)
    work(other)
  }
  return { dispatcher, one, other, settled, work }
}

/** In which order the calls of the first were made: the lowest is the one that it runs. */
const unsettledBelow = (settled: ReadonlyArray<number>) => {
  const done = new Set(settled)
  return Array.from({ length: Math.max(...settled) }, (_, n) => n).filter((n) => !done.has(n))
}

describe("a worker that is silent while another answers", () => {
  it("keeps what it runs; what it was offered ahead goes to the other, before what came later", () => {
    const { one, other, settled, work } = quickPool()
    one.start()
    assert.isAbove(one.offered.length, 5)
    const before = settled.length
    while (one.offered.length > 0 && settled.length < before + 200) work(other)
    // Some milliseconds, and no more.
    assert.isBelow((settled.length - before) * short, 8)
    const behind = unsettledBelow(settled).slice(1)
    assert.isNotEmpty(behind)
    const next = settled.length
    while (unsettledBelow(settled).length > 1) work(other)
    // But those that the other had been offered already came first.
    const returned = settled.slice(next).filter((n) => behind.includes(n))
    assert.deepEqual(returned, behind)
    assert.deepEqual([one.running.length, one.offered.length], [1, 0])
  })

  it("is offered nothing ahead until it has answered, and as much as before when it is quick again", () => {
    const { one, other, work } = quickPool()
    one.start()
    const ahead = one.offered.length
    for (let task = 0; task < 200; task++) work(other)
    assert.equal(one.offered.length, 0)
    for (let task = 0; task < 100; task++) work(one)
    assert.isAtLeast(one.offered.length, ahead / 2)
  })

  it("keeps all when none answers: nobody could do it sooner", () => {
    const { one, other } = quickPool()
    one.start()
    other.start()
    const ahead = [one.offered.length, other.offered.length]
    vi.advanceTimersByTime(1000)
    assert.deepEqual([one.offered.length, other.offered.length], ahead)
  })
})
