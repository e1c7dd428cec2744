/** Piscina, with atomics on (its default), a fixed number of threads, and one or many tasks a worker. */
import { filename, ofPiscina } from "./piscinaLike.ts"
import type { PoolEntry } from "./TaskPool.ts"

const piscina = (concurrentTasksPerWorker: number): PoolEntry => ({
  name: `piscina, ${concurrentTasksPerWorker} task${concurrentTasksPerWorker === 1 ? "" : "s"} a worker`,
  role: "peer",
  start: async (workers) => {
    const { Piscina } = await import("piscina")
    const options = { filename, minThreads: workers, maxThreads: workers, concurrentTasksPerWorker }
    return ofPiscina(new Piscina(options), true)
  }
})

export const piscina1 = piscina(1)
export const piscina32 = piscina(32)
