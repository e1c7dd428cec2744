/** Workerpool, on threads and on processes. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry } from "./TaskPool.ts"

const script = fileURLToPath(beside(import.meta.url, "../work/workerpoolWorker"))

const workerpool = (name: string, workerType: "thread" | "process"): PoolEntry => ({
  name,
  role: "peer",
  start: async (workers) => {
    const { default: workerpool } = await import("workerpool")
    const pool = workerpool.pool(script, { workerType, minWorkers: workers, maxWorkers: workers })
    const run = (task: string, input: unknown, transfer?: Array<object>) =>
      // Its own promise class is thenable, and no more.
      pool.exec(task, [input], transfer === undefined ? undefined : { transfer }) as unknown as PromiseLike<unknown>
    return ofPromises({
      run,
      ...(workerType === "thread"
        ? { transfer: async (bytes: Uint8Array<ArrayBuffer>) => run("touch", bytes, [bytes.buffer]) }
        : undefined),
      begin: (task, input) => {
        const execution = pool.exec(task, [input])
        const settled = new Promise((resolve) => {
          execution.then(resolve, () => resolve("cancelled"))
        })
        return () => {
          execution.cancel()
          return settled
        }
      },
      stop: async () => pool.terminate(true)
    })
  }
})

export const workerpoolThreads = workerpool("workerpool", "thread")
export const workerpoolProcesses = workerpool("workerpool, process", "process")
