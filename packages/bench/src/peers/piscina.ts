/** Piscina, with atomics on (its default), a fixed number of threads, and one or many tasks a worker. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry } from "./TaskPool.ts"

const filename = fileURLToPath(beside(import.meta.url, "../work/functions"))

/** Its documentation says an array, and an array it takes; its types say the options of another overload. */
const transferring = (bytes: Uint8Array<ArrayBuffer>): object => ({ name: "touch", transferList: [bytes.buffer] })

const piscina = (concurrentTasksPerWorker: number): PoolEntry => ({
  name: `piscina, ${concurrentTasksPerWorker} task${concurrentTasksPerWorker === 1 ? "" : "s"} a worker`,
  role: "peer",
  start: async (workers) => {
    const { Piscina } = await import("piscina")
    const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers, concurrentTasksPerWorker })
    return ofPromises({
      run: (name, input) => pool.run(input, { name }),
      transfer: (bytes) => pool.run(bytes, transferring(bytes)),
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

export const piscina1 = piscina(1)
export const piscina32 = piscina(32)
