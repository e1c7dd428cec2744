/** As many busy workers as cores: what spinning and polling take from the work itself. */
import { availableParallelism } from "node:os"
import { type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import { rawThread } from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { burn } from "../work/functions.ts"
import { millisOf, onPools } from "./onPools.ts"

const metric = { name: "all of them", unit: "ms" }

/** So many steps of `burn` take about a millisecond on a quiet core: the quickest of some tries says so. */
const stepsOfAMilli = (): number => {
  const steps = 200_000
  const tries = Array.from({ length: 20 }, () => {
    const start = performance.now()
    burn(steps)
    return performance.now() - start
  })
  return Math.round(steps / Math.min(...tries))
}

let steps: number | undefined

/** The same for all contenders of the process. */
const inputs = (setting: Setting): ReadonlyArray<number> => {
  steps ??= stepsOfAMilli()
  return Array<number>(times(setting, 500 * setting.workers)).fill(steps)
}

const measure = (pool: TaskPool, setting: Setting) => {
  const tasks = inputs(setting)
  return millisOf(metric, () => pool.each("burn", tasks, Number.POSITIVE_INFINITY))
}

const rawThreads: Contender = {
  name: "threads that have all their work in one message",
  role: "limit",
  start: async (setting) => {
    const tasks = inputs(setting)
    const share = Math.ceil(tasks.length / setting.workers)
    const workers = Array.from({ length: setting.workers }, () => rawThread())
    const work = () =>
      Promise.all(
        workers.map((worker, index) => worker.post(["burn", tasks.slice(index * share, (index + 1) * share)]))
      )
    await work()
    return { round: () => millisOf(metric, work), stop: () => Promise.all(workers.map((worker) => worker.stop())) }
  }
}

export const spinCost: Case = {
  name: "spin-cost",
  title: "500 tasks of 1 ms of CPU for each core, as many workers as cores",
  metrics: [metric],
  workers: [availableParallelism()],
  contenders: [...onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], measure), rawThreads],
  goals: [{ metric: metric.name, ours: ropewalk.threads.name, against: named(rawThreads.name), atMost: 1.02 }]
}
