/** 50,000 tasks at once: what a task costs when there is no lack of them. */
import * as Effect from "effect/Effect"
import { bestPeer, type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { processPeers, threadPeers } from "../peers/pools.ts"
import { pythonContender } from "../peers/python.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { microsEach, onPools } from "./onPools.ts"

const metric = { name: "a task", unit: "µs" }

export const pairs = (count: number) => Array.from({ length: count }, (_, index) => ({ a: index, b: index }))

const count = (setting: Setting) => times(setting, 50_000)

const flood = async (pool: TaskPool, setting: Setting) => {
  const inputs = pairs(count(setting))
  return {
    [metric.name]: await microsEach(inputs.length, () => pool.each("add", inputs, Number.POSITIVE_INFINITY))
  }
}

const warmUp = (pool: TaskPool, setting: Setting) =>
  pool.each("add", pairs(count(setting) / 5), Number.POSITIVE_INFINITY)

/** What Effect itself costs: callbacks that wait, and that are all resumed in one later step. */
const effectCallback: Contender = {
  name: "Effect callback that does nothing",
  role: "limit",
  start: async (setting) => {
    const inputs = pairs(count(setting))
    const round = async () => {
      const waiting: Array<() => void> = []
      const callbacks = Effect.forEach(
        inputs,
        ({ a, b }) => Effect.callback<number>((resume) => void waiting.push(() => resume(Effect.succeed(a + b)))),
        { concurrency: "unbounded", discard: true }
      )
      const micros = await microsEach(inputs.length, () => {
        const done = Effect.runPromise(callbacks)
        const resumeAll = () => {
          if (waiting.length < inputs.length) return setImmediate(resumeAll)
          for (const resume of waiting) resume()
          return undefined
        }
        setImmediate(resumeAll)
        return done
      })
      return { [metric.name]: micros }
    }
    await round()
    return { round, stop: async () => undefined }
  }
}

const python = { task: "add", metric: metric.name, count: (quick: boolean) => (quick ? 2000 : 20_000) } as const

export const floodThreads: Case = {
  name: "flood-threads",
  title: "50,000 × add at once, on threads",
  remark: `A quarter of the best peer is about what Effect's own callback takes, in which a pool has to be as well: a fiber, its
result, and the garbage collector's copy of all that waits, 0.8 KiB a call of Effect's and 0.5 KiB of ours. To come nearer, an
Effect would have to wait without a fiber of its own.`,
  rewarm: true,
  metrics: [metric],
  workers: [1, 2],
  contenders: [
    ...onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], flood, warmUp),
    pythonContender("ThreadPoolExecutor", "submit", python),
    ...onPools([raw.postMessage, raw.postMessageBatched], flood, warmUp),
    effectCallback
  ],
  goals: [
    { metric: metric.name, ours: ropewalk.threads.name, against: bestPeer, atMost: 0.25 },
    { metric: metric.name, ours: ropewalk.threads.name, against: named(effectCallback.name), atMost: 2 }
  ]
}

const applyAsync = pythonContender("Pool", "apply_async", python)

export const floodProcesses: Case = {
  name: "flood-processes",
  title: "50,000 × add at once, in processes",
  remark: `A worker writes each answer before it begins the next task: else a task that kills its process would take the answers of
others with it. So the floor is one small message for each answer, as in the rows with one task a message. Batches of 500 show what
it costs to lose no answer. And the caller is where it is with threads: a quarter of the best peer is about what Effect's own
callback takes.`,
  rewarm: true,
  metrics: [metric],
  workers: [1, 2],
  contenders: [
    ...onPools([ropewalk.processes, ropewalk.processModule, ...processPeers], flood, warmUp),
    applyAsync,
    pythonContender("Pool", "imap_unordered", python),
    pythonContender("ProcessPoolExecutor", "submit", python),
    ...onPools([raw.forkJson, raw.forkJsonBatched, raw.forkAdvanced, raw.forkAdvancedBatched], flood, warmUp)
  ],
  goals: [
    { metric: metric.name, ours: ropewalk.processes.name, against: bestPeer, atMost: 0.25 },
    {
      metric: metric.name,
      ours: ropewalk.processes.name,
      against: { label: "Python's apply_async", names: [applyAsync.name] },
      atMost: 0.5
    }
  ]
}
