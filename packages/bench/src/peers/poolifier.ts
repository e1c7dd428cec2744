/** Poolifier's fixed pools of threads and of cluster processes, with and without its queue of tasks. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry } from "./TaskPool.ts"

const threadFile = fileURLToPath(beside(import.meta.url, "../work/poolifierThread"))
const clusterFile = fileURLToPath(beside(import.meta.url, "../work/poolifierCluster"))

const poolifier = (kind: "threads" | "processes", enableTasksQueue: boolean): PoolEntry => ({
  name: `poolifier, ${kind === "threads" ? "" : "cluster, "}${enableTasksQueue ? "with" : "without"} its queue`,
  role: "peer",
  start: async (workers) => {
    const { FixedClusterPool, FixedThreadPool } = await import("poolifier")
    const options = { enableTasksQueue }
    const pool =
      kind === "threads"
        ? new FixedThreadPool<unknown, unknown>(workers, threadFile, options)
        : new FixedClusterPool<unknown, unknown>(workers, clusterFile, options)
    return ofPromises({
      run: (task, input) => pool.execute(input, task),
      ...(kind === "threads"
        ? { transfer: (bytes) => pool.execute(bytes, "touch", undefined, [bytes.buffer]) }
        : undefined),
      stop: () => pool.destroy()
    })
  }
})

export const poolifierThreads = poolifier("threads", false)
export const poolifierThreadsQueue = poolifier("threads", true)
export const poolifierProcesses = poolifier("processes", false)
export const poolifierProcessesQueue = poolifier("processes", true)
