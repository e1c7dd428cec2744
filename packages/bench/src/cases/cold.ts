/** From nothing to the first result: start a pool of one worker, and run one task. */
import { type Case, type Contender, named } from "../Case.ts"
import { processPeersOnce, threadPeersOnce } from "../peers/pools.ts"
import { type RawWorker, rawChild, rawThread } from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { PoolEntry } from "../peers/TaskPool.ts"

const metric = { name: "first result", unit: "ms" }

const input = { a: 1, b: 2 }

interface Started {
  readonly first: () => Promise<unknown>
  readonly stop: () => Promise<unknown>
}

/** The end of the worker is not part of the time. A first start, before the rounds, loads what the caller needs. */
const cold = (name: string, role: Contender["role"], start: () => Promise<Started>): Contender => ({
  name,
  role,
  start: async () => {
    const round = async () => {
      const begun = performance.now()
      const { first, stop } = await start()
      await first()
      const millis = performance.now() - begun
      await stop()
      return { [metric.name]: millis }
    }
    await round()
    return { round, stop: async () => undefined }
  }
})

const ofPool = ({ name, role, start }: PoolEntry): Contender =>
  cold(name, role, async () => {
    const pool = await start(1)
    return { first: () => pool.each("add", [input], 1), stop: pool.stop }
  })

const ofRaw = (name: string, make: () => RawWorker): Contender =>
  cold(name, "limit", async () => {
    const worker = make()
    return { first: () => worker.post(["add", [input]]), stop: worker.stop }
  })

const bareThread = ofRaw("raw Worker, bare", () => rawThread())
const equalThread = ofRaw("raw Worker, the same imports as a group's worker", () => rawThread(true))
const bareChild = ofRaw("raw fork, bare", () => rawChild("advanced"))
const equalChild = ofRaw("raw fork, the same imports as a group's worker", () => rawChild("advanced", true))

export const coldThreads: Case = {
  name: "cold-threads",
  title: "a pool of one thread is made, and its first task answers",
  metrics: [metric],
  workers: [1],
  contenders: [...[ropewalk.threads, ropewalk.threadModule, ...threadPeersOnce].map(ofPool), bareThread, equalThread],
  goals: [
    { metric: metric.name, ours: ropewalk.threads.name, against: named(equalThread.name), atMost: 1.2 },
    { metric: metric.name, ours: ropewalk.threadModule.name, against: named(bareThread.name), atMost: 1.5 }
  ]
}

export const coldProcesses: Case = {
  name: "cold-processes",
  title: "a pool of one process is made, and its first task answers",
  metrics: [metric],
  workers: [1],
  contenders: [...[ropewalk.processes, ropewalk.processModule, ...processPeersOnce].map(ofPool), bareChild, equalChild],
  goals: [
    { metric: metric.name, ours: ropewalk.processes.name, against: named(equalChild.name), atMost: 1.2 },
    { metric: metric.name, ours: ropewalk.processModule.name, against: named(bareChild.name), atMost: 1.5 }
  ]
}
