/**
 * Starts a worker, and never throws.
 *
 * @internal
 */
import type { Transport, Worker, WorkerEvents, WorkerLimits } from "../transport/Transport.ts"

/** A worker that can't be started at all (a variable with a null byte, say) ends as one that dies while it starts. */
export const spawnOn = (transport: Transport, limits: WorkerLimits, events: WorkerEvents): Worker => {
  try {
    return transport.spawn(limits, events)
  } catch (cause) {
    queueMicrotask(() => events.onExit({ code: undefined, signal: undefined, outOfMemory: false, uncaught: { cause } }))
    return unborn
  }
}

const unborn: Worker = {
  id: -1,
  send: () => {},
  revoke: () => false,
  hasStarted: () => false,
  measure: () => {},
  terminate: () => {},
  kill: () => {}
}
