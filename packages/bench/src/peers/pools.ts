/** The pools of Node that are compared, by where they run their tasks: each in all configurations that win somewhere. */
import { effectRpc1, effectRpc32, effectRpcAny, effectRpcProcesses32 } from "./effectRpc.ts"
import { jestProcesses, jestThreads } from "./jestWorker.ts"
import { piscina1, piscina32 } from "./piscina.ts"
import { poolifierProcesses, poolifierProcessesQueue, poolifierThreads, poolifierThreadsQueue } from "./poolifier.ts"
import { tinypoolProcesses, tinypoolThreads } from "./tinypool.ts"
import { workerpoolProcesses, workerpoolThreads } from "./workerpool.ts"

export const threadPeers = [
  piscina1,
  piscina32,
  tinypoolThreads,
  workerpoolThreads,
  poolifierThreads,
  poolifierThreadsQueue,
  jestThreads,
  effectRpc1,
  effectRpc32,
  effectRpcAny
]

export const processPeers = [
  tinypoolProcesses,
  workerpoolProcesses,
  poolifierProcesses,
  poolifierProcessesQueue,
  jestProcesses,
  effectRpcProcesses32
]

/** One configuration of each: for what does not depend on how many tasks a worker takes. */
export const threadPeersOnce = [piscina1, tinypoolThreads, workerpoolThreads, poolifierThreads, jestThreads, effectRpc1]

export const processPeersOnce = [
  tinypoolProcesses,
  workerpoolProcesses,
  poolifierProcesses,
  jestProcesses,
  effectRpcProcesses32
]
