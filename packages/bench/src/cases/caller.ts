/** What a flood does to the thread that calls: the CPU it takes, and how long its event loop is kept from others. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { setTimeout } from "node:timers/promises"
import { bestPeer, type Case, type Setting, times } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { pairs } from "./flood.ts"
import { onPools } from "./onPools.ts"

const cpu = { name: "caller's CPU a task", unit: "µs" }
const delay = { name: "p99 of the event loop's delay", unit: "ms" }
const longest = { name: "longest delay of the event loop", unit: "ms" }

const nanosOfAMilli = 1e6

/** In ms: some ticks of the histogram. */
const tick = 5

const measure = async (pool: TaskPool, setting: Setting) => {
  const inputs = pairs(times(setting, 50_000))
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  // It measures from one of its ticks to the next: the flood is between the first and the last.
  await setTimeout(tick)
  const before = process.threadCpuUsage()
  await pool.each("add", inputs, Number.POSITIVE_INFINITY)
  const { system, user } = process.threadCpuUsage(before)
  await setTimeout(tick)
  histogram.disable()
  return {
    [cpu.name]: (system + user) / inputs.length,
    [delay.name]: histogram.percentile(99) / nanosOfAMilli,
    [longest.name]: histogram.max / nanosOfAMilli
  }
}

export const caller: Case = {
  name: "caller",
  title: "50,000 × add at once, on threads: what it does to the calling thread",
  remark: `The delay's percentile is of turns of the event loop, of which a pool that takes ten times as long has ten times as many:
the same pauses of the garbage collector are fewer of its turns.`,
  metrics: [cpu, delay, longest],
  workers: [2],
  contenders: onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers, raw.postMessage], measure),
  goals: [cpu, delay].map(({ name }) => ({ metric: name, ours: ropewalk.threads.name, against: bestPeer, atMost: 1 }))
}
