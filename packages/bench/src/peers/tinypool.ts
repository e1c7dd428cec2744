/** Tinypool, which runs on threads and on child processes. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry } from "./TaskPool.ts"

const filename = fileURLToPath(beside(import.meta.url, "../work/functions"))

/** Its documentation says an array, and an array it takes; its types say the options of another overload. */
const transferring = (bytes: Uint8Array<ArrayBuffer>): object => ({ name: "touch", transferList: [bytes.buffer] })

const tinypool = (name: string, runtime: "worker_threads" | "child_process"): PoolEntry => ({
  name,
  role: "peer",
  start: async (workers) => {
    const { Tinypool } = await import("tinypool")
    const pool = new Tinypool({ filename, runtime, minThreads: workers, maxThreads: workers })
    const threads = runtime === "worker_threads"
    return ofPromises({
      run: (name, input) => pool.run(input, { name }),
      ...(threads ? { transfer: (bytes) => pool.run(bytes, transferring(bytes)) } : undefined),
      begin: (name, input) => {
        const controller = new AbortController()
        const settled = pool.run(input, { name, signal: controller.signal }).catch(() => "aborted")
        return () => {
          controller.abort()
          return settled
        }
      },
      stop: () => pool.destroy()
    })
  }
})

export const tinypoolThreads = tinypool("tinypool", "worker_threads")
export const tinypoolProcesses = tinypool("tinypool, child_process", "child_process")
