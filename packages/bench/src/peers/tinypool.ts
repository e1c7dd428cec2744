/** Tinypool, which runs on threads and on child processes. */
import { filename, ofPiscina } from "./piscinaLike.ts"
import type { PoolEntry } from "./TaskPool.ts"

const tinypool = (name: string, runtime: "worker_threads" | "child_process"): PoolEntry => ({
  name,
  role: "peer",
  start: async (workers) => {
    const { Tinypool } = await import("tinypool")
    const pool = new Tinypool({ filename, runtime, minThreads: workers, maxThreads: workers })
    return ofPiscina(pool, runtime === "worker_threads")
  }
})

export const tinypoolThreads = tinypool("tinypool", "worker_threads")
export const tinypoolProcesses = tinypool("tinypool, child_process", "child_process")
