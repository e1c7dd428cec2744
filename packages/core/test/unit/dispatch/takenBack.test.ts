/** An offer that is taken back from a process: its two answers come by two sockets, in either order. */
import { describe, expect, it } from "@effect/vitest"
import { ObservedCall } from "../../../src/internal/dispatch/Call.ts"
import { WorkerSession } from "../../../src/internal/dispatch/WorkerSession.ts"
import type { Transport, WorkerEvents } from "../../../src/internal/transport/Transport.ts"

const open = () => {
  let events: WorkerEvents | undefined
  let terminated = false
  const transport: Transport = {
    place: "process",
    workerFile: "scripted",
    spawn: (_, spawned) => {
      events = spawned
      const terminate = () => {
        terminated = true
      }
      return {
        id: 1,
        send: () => {},
        revoke: () => undefined,
        hasStarted: () => undefined,
        measure: () => {},
        terminate,
        kill: terminate
      }
    }
  }
  const ignore = () => {}
  const observer = { onReady: ignore, onRoom: ignore, onReturned: ignore, onGone: ignore }
  const session = new WorkerSession(transport, 0, { validate: false, concurrency: 1, grace: 1000 }, observer)
  const { onMessage, onRevoked } = events as unknown as WorkerEvents
  onMessage({ kind: "ready" })
  return { session, onMessage, onRevoked, isTerminated: () => terminated }
}

describe("an offer that is taken back", () => {
  for (const first of ["revoked", "dropped"] as const) {
    it(`has gone once, when ${first} is heard first`, () => {
      const { isTerminated, onMessage, onRevoked, session } = open()
      const [running, waiting] = ["a", "b"].map((task) => new ObservedCall(task, undefined, () => {})) as [
        ObservedCall,
        ObservedCall
      ]
      session.offer(running)
      session.offer(waiting)
      const { id } = waiting
      let stopped = 0
      session.interrupt(waiting, () => stopped++)
      expect(stopped).toBe(0)
      if (first === "revoked") onRevoked(id, true)
      onMessage({ kind: "dropped", id })
      if (first === "dropped") onRevoked(id, true)
      expect([stopped, session.load, session.state, isTerminated()]).toEqual([1, 1, "ready", false])
      onMessage({ kind: "dropped", id })
      expect(isTerminated()).toBe(true)
    })
  }
})
