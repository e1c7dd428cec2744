/** Offers that are taken back from a process: its two answers come by two sockets, in either order. */
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { type Call, ObservedCall, type Outcome } from "../../../src/internal/dispatch/Call.ts"
import { WorkerSession } from "../../../src/internal/dispatch/WorkerSession.ts"
import type { ToWorker, Transport, WorkerEvents } from "../../../src/internal/transport/Transport.ts"

const grace = 1000

/** A worker that does only what the test says, and answers a revocation later, as a process does. */
const session = (concurrency = 1) => {
  const sent: Array<ToWorker> = []
  const returned: Array<Call> = []
  let events: WorkerEvents | undefined
  const revoked: Array<number> = []
  let rooms = 0
  let stopped = false
  const transport: Transport = {
    place: "process",
    workerFile: "file:///worker.ts",
    spawn: (_, heard) => {
      events = heard
      return {
        id: 1,
        send: (message) => void sent.push(message),
        revoke: (id) => void revoked.push(id),
        hasStarted: () => undefined,
        measure: () => {},
        terminate: () => {
          stopped = true
        },
        kill: () => {
          stopped = true
        }
      }
    }
  }
  const session = new WorkerSession(
    transport,
    0,
    { validate: false, concurrency, grace },
    {
      onReady: () => {},
      onRoom: () => void rooms++,
      onPace: () => {},
      onReturned: (call) => returned.push(call),
      onGone: () => {}
    }
  )
  const worker = events as unknown as WorkerEvents
  worker.onMessage({ kind: "ready" })
  return { session, worker, sent, returned, revoked, rooms: () => rooms, isStopped: () => stopped }
}

const answer = { kind: "success", value: undefined } as const

const offered = (to: WorkerSession, lane?: number) => {
  const outcomes: Array<Outcome> = []
  const call = new ObservedCall("Task", undefined, (outcome) => outcomes.push(outcome))
  call.lane = lane
  to.offer(call)
  return { call, outcomes }
}

type Offered = ReturnType<typeof offered>

const failure = (outcome: Outcome) => (outcome.kind === "failed" ? outcome.error._tag : outcome.kind)

describe("recall", () => {
  for (const first of ["dropped", "revoked"] as const) {
    it(`an offer that is taken back comes back once, when it is ${first} first`, () => {
      const { isStopped, returned, session: target, worker } = session()
      offered(target)
      const { call, outcomes } = offered(target)
      target.recall(1)
      const { id } = call
      if (first === "revoked") worker.onRevoked(id, true)
      worker.onMessage({ kind: "dropped", id })
      if (first === "dropped") worker.onRevoked(id, true)
      assert.deepEqual(returned, [call])
      assert.deepEqual(outcomes, [])
      assert.isFalse(isStopped())
      assert.equal(target.load, 1)
    })
  }

  for (const first of ["dropped", "revoked"] as const) {
    it(`an offer that is interrupted has gone once, when it is ${first} first; to drop it again is a breach`, () => {
      const { isStopped, returned, session: target, worker } = session()
      offered(target)
      const { call } = offered(target)
      const { id } = call
      let ends = 0
      target.interrupt(call, () => ends++)
      assert.equal(ends, 0)
      if (first === "revoked") worker.onRevoked(id, true)
      worker.onMessage({ kind: "dropped", id })
      if (first === "dropped") worker.onRevoked(id, true)
      assert.deepEqual([ends, target.load, target.state, isStopped()], [1, 1, "ready", false])
      assert.deepEqual(returned, [])
      worker.onMessage({ kind: "dropped", id })
      assert.isTrue(isStopped())
      worker.onExit({ code: 1, signal: undefined, outOfMemory: false, uncaught: undefined })
    })
  }

  it("a worker that dies before it has answered loses the call it may run, and none of those that were asked back behind it", () => {
    const { returned, session: target, worker } = session()
    const calls = Array.from({ length: 4 }, () => offered(target))
    const [, second, third, fourth] = calls as [Offered, Offered, Offered, Offered]
    target.recall(3)
    worker.onMessage({ kind: "settled", id: (calls[0] as Offered).call.id, exit: answer })
    // Which of them it has started nobody can say, but that it passes over none without a word.
    worker.onMessage({ kind: "dropped", id: second.call.id })
    worker.onExit({ code: undefined, signal: "SIGKILL", outOfMemory: false, uncaught: undefined })
    assert.deepEqual(third.outcomes.map(failure), ["WorkerCrashed"])
    assert.deepEqual(returned, [second.call, fourth.call])
  })

  it("an offer that nobody wanted back, and that is dropped, is a breach of the protocol", () => {
    const { isStopped, session: target, worker } = session()
    const { call } = offered(target)
    worker.onMessage({ kind: "dropped", id: call.id })
    assert.isTrue(isStopped())
    worker.onExit({ code: 1, signal: undefined, outOfMemory: false, uncaught: undefined })
  })

  it("the calls of a key stay with their worker", () => {
    const { returned, session: target, worker } = session()
    offered(target, 0)
    offered(target, 0)
    const free = offered(target)
    offered(target, 0)
    assert.equal(target.recallable, 1)
    target.recall(3)
    worker.onRevoked(free.call.id, true)
    assert.deepEqual(returned, [free.call])
    assert.equal(target.recallable, 0)
  })
})

describe("a call that is interrupted while it runs", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** In which a faked `setImmediate` comes. */
  const turn = () => void vi.advanceTimersByTime(1)

  /** One runs, two wait behind it; the first has been interrupted, and the worker has said that it had started it. */
  const interrupted = (concurrency?: number) => {
    const made = session(concurrency)
    // A worker that is quick is offered many ahead.
    const warm = Array.from({ length: 64 }, () => offered(made.session).call.id)
    for (const id of warm) made.worker.onMessage({ kind: "settled", id, exit: answer })
    const [running, second, third] = [offered(made.session), offered(made.session), offered(made.session)]
    const ended: Array<unknown> = []
    made.session.interrupt(running.call, (stuck) => ended.push(stuck))
    made.worker.onRevoked(running.call.id, false)
    return { ...made, running: running.call, second: second.call, third: third.call, ended }
  }

  it("gives up its company, the youngest first, and its worker gets nothing until all is known", () => {
    const { returned, revoked, rooms, running, second, session: target, third, worker } = interrupted()
    assert.deepEqual(revoked, [running.id, third.id, second.id])
    assert.isFalse(target.hasRoom)
    worker.onRevoked(third.id, true)
    worker.onMessage({ kind: "settled", id: running.id, exit: answer })
    assert.isFalse(target.hasRoom)
    const before = rooms()
    // It had answered the first by then, and gone on.
    worker.onRevoked(second.id, false)
    assert.isTrue(target.hasRoom)
    assert.equal(rooms(), before + 1)
    assert.deepEqual(returned, [third])
    assert.equal(target.load, 1)
  })

  it("does not cost the next one its worker when the answer comes with the end of the grace", () => {
    const { ended, isStopped, running, second, third, worker } = interrupted()
    worker.onRevoked(third.id, true)
    worker.onRevoked(second.id, false)
    vi.advanceTimersByTime(grace)
    worker.onMessage({ kind: "settled", id: running.id, exit: answer })
    vi.runAllTimers()
    assert.isFalse(isStopped())
    assert.deepEqual(ended, [undefined])
  })

  it("is stopped after the grace, and alone", () => {
    const { isStopped, second, third, worker } = interrupted()
    for (const { id } of [third, second]) worker.onRevoked(id, true)
    vi.advanceTimersByTime(grace)
    turn()
    assert.isTrue(isStopped())
  })

  it("is stopped as soon as the worker has said what it has not started", () => {
    const { isStopped, second, third, worker } = interrupted()
    vi.advanceTimersByTime(grace)
    turn()
    worker.onRevoked(third.id, true)
    assert.isFalse(isStopped())
    worker.onRevoked(second.id, true)
    turn()
    assert.isTrue(isStopped())
  })

  it("is stopped in the end, whatever the worker does not say", () => {
    const { isStopped } = interrupted()
    vi.advanceTimersByTime(grace)
    turn()
    vi.advanceTimersByTime(99)
    assert.isFalse(isStopped())
    vi.advanceTimersByTime(1)
    assert.isTrue(isStopped())
  })

  it("leaves tasks beside it, and the worker's other offers, alone", () => {
    const { returned, revoked, running, session: target } = interrupted(2)
    assert.deepEqual(revoked, [running.id])
    assert.isTrue(target.hasRoom)
    assert.deepEqual(returned, [])
  })
})
