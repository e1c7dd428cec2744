/** As many busy workers as cores: what spinning and polling take from the work itself. */
import { availableParallelism } from "node:os"
import { type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import { rawThread } from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { millisOf, onPools } from "./onPools.ts"

const metric = { name: "all of them", unit: "ms" }

/** `fib` of it takes about a millisecond. */
const size = 26

const inputs = (setting: Setting): ReadonlyArray<number> =>
  Array<number>(times(setting, 500 * setting.workers)).fill(size)

const measure = (pool: TaskPool, setting: Setting) => {
  const tasks = inputs(setting)
  return millisOf(metric, () => pool.each("fib", tasks, Number.POSITIVE_INFINITY))
}

const rawThreads: Contender = {
  name: "threads that have all their work in one message",
  role: "limit",
  start: async (setting) => {
    const tasks = inputs(setting)
    const share = Math.ceil(tasks.length / setting.workers)
    const workers = Array.from({ length: setting.workers }, () => rawThread())
    const work = () =>
      Promise.all(workers.map((worker, index) => worker.post(["fib", tasks.slice(index * share, (index + 1) * share)])))
    await work()
    return { round: () => millisOf(metric, work), stop: () => Promise.all(workers.map((worker) => worker.stop())) }
  }
}

export const spinCost: Case = {
  name: "spin-cost",
  title: "500 tasks of about 1 ms of CPU for each core, as many workers as cores",
  remark: `The task is fib(26), and not a loop: V8 compiles a loop as part of the function that calls it, and a long one worse in an
Effect's closure than alone. Looking itself costs nothing here: with both its limits set to none, by hand, Ropewalk takes 1.02 times as
long. What is left is the caller, which handles an answer a task and has no core of its own.`,
  metrics: [metric],
  workers: [availableParallelism()],
  contenders: [...onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], measure), rawThreads],
  goals: [{ metric: metric.name, ours: ropewalk.threads.name, against: named(rawThreads.name), atMost: 1.02 }]
}
