/** Work that computes, on two cores: how much of the second one arrives. */
import { type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { processPeers, threadPeers } from "../peers/pools.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { fib as compute } from "../work/functions.ts"
import { millisOf, onPools } from "./onPools.ts"

const metric = { name: "all of them", unit: "ms" }

const inputs = (setting: Setting) => Array<number>(times(setting, 64)).fill(30)

const measure = (pool: TaskPool, setting: Setting) =>
  millisOf(metric, () => pool.each("fib", inputs(setting), Number.POSITIVE_INFINITY))

const inline: Contender = {
  name: "one thread, inline",
  role: "note",
  start: async (setting) => {
    const round = () => millisOf(metric, () => inputs(setting).map(compute))
    await round()
    return { round, stop: async () => undefined }
  }
}

export const fib: Case = {
  name: "fib",
  title: "64 × fib(30)",
  remark: `The two cores of this machine do not give twice one: what all contenders have in common is the machine's.`,
  metrics: [metric],
  workers: [2],
  contenders: [
    ...onPools([ropewalk.threads, ropewalk.processes, ...threadPeers, ...processPeers], measure),
    ...onPools([raw.postMessage], measure),
    inline
  ],
  goals: [ropewalk.threads, ropewalk.processes].map(({ name }) => ({
    metric: metric.name,
    ours: name,
    against: named(inline.name),
    atLeast: 1.9
  }))
}
