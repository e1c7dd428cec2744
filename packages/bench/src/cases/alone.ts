/** One task after another: what a round trip costs when nothing else is under way. */
import { bestPeer, type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { startPingPong } from "../peers/atomics.ts"
import { processPeers, threadPeers } from "../peers/pools.ts"
import { pythonContender } from "../peers/python.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { pairs } from "./flood.ts"
import { microsEach, onPools } from "./onPools.ts"

const metric = { name: "a task", unit: "µs" }

const count = (setting: Setting) => times(setting, 3000)

const alone = async (pool: TaskPool, setting: Setting) => {
  const inputs = pairs(count(setting))
  return { [metric.name]: await microsEach(inputs.length, () => pool.each("add", inputs, 1)) }
}

const pingPong = (name: string, how: "wait" | "spin"): Contender => ({
  name,
  role: "limit",
  start: async (setting) => {
    const { trips, stop } = await startPingPong()
    trips(1000, how)
    const trip = () => microsEach(count(setting), () => trips(count(setting), how))
    return { round: async () => ({ [metric.name]: await trip() }), stop }
  }
})

const wait = pingPong("Atomics.wait and notify, both sides", "wait")

const python = { task: "add", metric: metric.name, count: (quick: boolean) => (quick ? 300 : 3000) } as const

export const aloneThreads: Case = {
  name: "alone-threads",
  title: "3,000 × add, one after another, on threads",
  rewarm: true,
  metrics: [metric],
  workers: [1, 2],
  contenders: [
    ...onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], alone),
    pythonContender("ThreadPoolExecutor", "submit, one by one", python),
    ...onPools([raw.postMessage], alone),
    wait,
    pingPong("spin on a shared word, both sides", "spin")
  ],
  goals: [
    { metric: metric.name, ours: ropewalk.threads.name, against: bestPeer, atMost: 0.35 },
    { metric: metric.name, ours: ropewalk.threads.name, against: named(wait.name), atMost: 2 }
  ]
}

export const aloneProcesses: Case = {
  name: "alone-processes",
  title: "3,000 × add, one after another, in processes",
  remark: `Over a socket, two programs have to be woken for each task: that is the raw row. Ropewalk's look for a moment into a file
in memory before they sleep.`,
  rewarm: true,
  metrics: [metric],
  workers: [1, 2],
  contenders: [
    ...onPools([ropewalk.processes, ropewalk.processModule, ...processPeers], alone),
    pythonContender("Pool", "apply", python),
    pythonContender("ProcessPoolExecutor", "submit, one by one", python),
    ...onPools([raw.forkJson, raw.forkAdvanced], alone)
  ],
  goals: [{ metric: metric.name, ours: ropewalk.processes.name, against: bestPeer, atMost: 0.5 }]
}
