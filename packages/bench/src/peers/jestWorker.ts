/** Jest's worker farm, on processes (its default) and on threads. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry, type TaskName } from "./TaskPool.ts"

const file = fileURLToPath(beside(import.meta.url, "../work/functions"))

const jestWorker = (name: string, enableWorkerThreads: boolean): PoolEntry => ({
  name,
  role: "peer",
  start: async (workers) => {
    const { Worker } = await import("jest-worker")
    const functions = await import("../work/functions.ts")
    const farm = new Worker(file, {
      enableWorkerThreads,
      numWorkers: workers,
      exposedMethods: Object.keys(functions),
      maxRetries: 0
    })
    const methods = farm as unknown as Record<TaskName, (input: unknown) => Promise<unknown>>
    return ofPromises({ run: (task, input) => methods[task](input), stop: () => farm.end() })
  }
})

export const jestThreads = jestWorker("jest-worker, threads", true)
export const jestProcesses = jestWorker("jest-worker, processes", false)
