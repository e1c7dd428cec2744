/** Objects and strings there and back: what a payload costs beside its task. */
import { bestPeer, type Case, type Figures, type Setting, times } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { sampleObject } from "../work/group.ts"
import { microsEach, onPools } from "./onPools.ts"

const payloads = [
  { name: "1 field", task: "echo1", value: sampleObject(1) },
  { name: "10 fields", task: "echo10", value: sampleObject(10) },
  { name: "100 fields", task: "echo100", value: sampleObject(100) },
  { name: "1 KiB of text", task: "echoText", value: "x".repeat(1024) }
] as const

const atOnce = 64

const measure = async (pool: TaskPool, setting: Setting): Promise<Figures> => {
  const figures: Record<string, number> = {}
  for (const { name, task, value } of payloads) {
    const inputs = Array<unknown>(times(setting, 5000)).fill(value)
    figures[name] = await microsEach(inputs.length, () => pool.each(task, inputs, atOnce))
  }
  return figures
}

export const objects: Case = {
  name: "objects",
  title: "5,000 × echo of an object or a text, 64 at a time, on threads",
  rewarm: true,
  metrics: payloads.map(({ name }) => ({ name, unit: "µs" })),
  workers: [1, 2],
  contenders: onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers, raw.postMessage], measure),
  goals: payloads.map(({ name }) => ({ metric: name, ours: ropewalk.threads.name, against: bestPeer, atMost: 0.5 }))
}
