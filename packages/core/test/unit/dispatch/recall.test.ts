import { assert, describe, it } from "@effect/vitest"
import { type Call, ObservedCall, type Outcome } from "../../../src/internal/dispatch/Call.ts"
import { WorkerSession } from "../../../src/internal/dispatch/WorkerSession.ts"
import type { ToWorker, Transport, WorkerEvents } from "../../../src/internal/transport/Transport.ts"

/** A worker that does only what the test says, and answers a revocation later, as a process does. */
const session = () => {
  const sent: Array<ToWorker> = []
  const returned: Array<Call> = []
  let events: WorkerEvents | undefined
  let stopped = false
  const transport: Transport = {
    place: "process",
    workerFile: "file:///worker.ts",
    spawn: (_, heard) => {
      events = heard
      return {
        id: 1,
        send: (message) => void sent.push(message),
        revoke: () => undefined,
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
    { validate: false, concurrency: 1, grace: 1000 },
    {
      onReady: () => {},
      onRoom: () => {},
      onReturned: (call) => returned.push(call),
      onGone: () => {}
    }
  )
  const worker = events as unknown as WorkerEvents
  worker.onMessage({ kind: "ready" })
  return { session, worker, sent, returned, isStopped: () => stopped }
}

const offered = (to: WorkerSession, lane?: number) => {
  const outcomes: Array<Outcome> = []
  const call = new ObservedCall("Task", undefined, (outcome) => outcomes.push(outcome))
  call.lane = lane
  to.offer(call)
  return { call, outcomes }
}

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
