/** @internal */
import type { WireError } from "../codec/wireError.ts"

/** A fault that happens inside of a worker. `id` is the call's number there, `millis` a time. */
export type WorkerFault =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "memory" }
  /** Blocks the thread until the time has passed or the gate is not 0 any more. */
  | { readonly kind: "freeze"; readonly gate: Int32Array; readonly millis: number }
  /** The call is answered with a defect, and its task is not run. */
  | { readonly kind: "fail"; readonly id: number; readonly defect: WireError }
  /** The call is started so much later, and its answer sent so much later. */
  | { readonly kind: "slow"; readonly id: number; readonly start: number; readonly answer: number }
