/** All cases, in the order in which they are run and shown. */
import type { Case } from "../Case.ts"
import { aloneProcesses, aloneThreads } from "./alone.ts"
import { bytes } from "./bytes.ts"
import { caller } from "./caller.ts"
import { cancelProcesses, cancelThreads } from "./cancel.ts"
import { coldProcesses, coldThreads } from "./cold.ts"
import { fib } from "./fib.ts"
import { floodProcesses, floodThreads } from "./flood.ts"
import { idle } from "./idle.ts"
import { map } from "./map.ts"
import { memoryQueued, memoryWorker } from "./memory.ts"
import { mixed } from "./mixed.ts"
import { objects } from "./objects.ts"
import { pipelineFib, pipelineNoOp } from "./pipeline.ts"
import { spinCost } from "./spinCost.ts"

export const cases: ReadonlyArray<Case> = [
  floodThreads,
  aloneThreads,
  floodProcesses,
  aloneProcesses,
  map,
  fib,
  mixed,
  ...pipelineNoOp,
  pipelineFib,
  bytes,
  objects,
  coldThreads,
  coldProcesses,
  caller,
  memoryQueued,
  memoryWorker,
  idle,
  cancelThreads,
  cancelProcesses,
  spinCost
]
