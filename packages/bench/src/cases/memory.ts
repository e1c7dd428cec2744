/** Memory: of tasks that wait in the caller, and of a worker that waits for tasks. */
import { setTimeout } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { type Against, type Case, type Contender, type Setting, times } from "../Case.ts"
import { piscina1, piscina32 } from "../peers/piscina.ts"
import { threadPeers, threadPeersOnce } from "../peers/pools.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { PoolEntry } from "../peers/TaskPool.ts"
import { pairs } from "./flood.ts"

const piscina: Against = { label: "piscina", names: [piscina1.name, piscina32.name] }

const mebi = 2 ** 20

interface Footprint {
  readonly heap: number
  readonly resident: number
}

/** After what is garbage is gone. */
const settled = async (): Promise<Footprint> => {
  await setTimeout(300)
  globalThis.gc?.()
  const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage()
  return { heap: (heapUsed + external + arrayBuffers) / mebi, resident: rss / mebi }
}

/** The process ends after its round, and takes what still spins with it. */
const untilTheEnd = async () => undefined

const grown = (before: Footprint, after: Footprint) => ({
  [heap.name]: after.heap - before.heap,
  [resident.name]: after.resident - before.resident
})

const heap = { name: "heap of the queued tasks", unit: "MiB" }
const resident = { name: "resident set of the queued tasks", unit: "MiB" }

const queueing = ({ name, role, start }: PoolEntry): Contender => ({
  name,
  role,
  start: async (setting: Setting) => {
    const pool = await start(1)
    const inputs = pairs(times(setting, 50_000))
    await pool.each("add", inputs.slice(0, 100), Number.POSITIVE_INFINITY)
    const round = async () => {
      // The worker never comes back: nothing leaves the queue.
      void pool.each("spin", [undefined], 1)
      const before = await settled()
      void pool.each("add", inputs, Number.POSITIVE_INFINITY)
      return grown(before, await settled())
    }
    return { round, stop: untilTheEnd }
  }
})

/** What Effect itself takes for fibers that wait, whatever for. */
const effectCallback: Contender = {
  name: "Effect callback that does nothing",
  role: "limit",
  start: async (setting) => {
    const inputs = pairs(times(setting, 50_000))
    const waiting: Array<unknown> = []
    const wait = () => Effect.callback<number>((resume) => void waiting.push(resume))
    const round = async () => {
      const before = await settled()
      void Effect.runPromise(Effect.forEach(inputs, wait, { concurrency: "unbounded", discard: true }))
      return grown(before, await settled())
    }
    return { round, stop: untilTheEnd }
  }
}

export const memoryQueued: Case = {
  name: "memory-queued",
  title: "50,000 tasks that wait for a worker that is busy",
  remark: `A task's caller is a fiber that waits: what that takes by itself is the row of Effect's callback.`,
  metrics: [heap, resident],
  workers: [1],
  isolated: true,
  maxRounds: 3,
  contenders: [...[ropewalk.threads, ropewalk.threadModule, ...threadPeers].map(queueing), effectCallback],
  goals: [heap, resident].map(({ name }) => ({
    metric: name,
    ours: ropewalk.threads.name,
    against: piscina,
    atMost: 1
  }))
}

const worker = { name: "resident set of a worker", unit: "MiB" }

const idling = ({ name, role, start }: PoolEntry): Contender => ({
  name,
  role,
  start: async ({ workers }) => {
    // The first pool loads what the caller needs: that is not counted.
    const first = await start(1)
    await first.each("add", pairs(10), 1)
    const round = async () => {
      const before = await settled()
      const pool = await start(workers)
      await pool.each("add", pairs(100 * workers), Number.POSITIVE_INFINITY)
      const after = await settled()
      return { [worker.name]: (after.resident - before.resident) / workers }
    }
    return { round, stop: untilTheEnd }
  }
})

export const memoryWorker: Case = {
  name: "memory-worker",
  title: "8 threads that have done 100 tasks each, and wait",
  remark: `A group's worker has loaded Effect, and its schemas with it; a module's worker has loaded neither.`,
  metrics: [worker],
  workers: [8],
  isolated: true,
  maxRounds: 3,
  contenders: [ropewalk.threads, ropewalk.threadModule, ...threadPeersOnce].map(idling),
  goals: [ropewalk.threads, ropewalk.threadModule].map(({ name }) => ({
    metric: worker.name,
    ours: name,
    against: piscina,
    atMost: 1
  }))
}
