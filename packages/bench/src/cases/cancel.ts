/** A task that spins is interrupted: until the next one is done in its place. */
import { setTimeout } from "node:timers/promises"
import { type Case, type Contender, named } from "../Case.ts"
import { piscina1 } from "../peers/piscina.ts"
import { type RawWorker, rawChild, rawThread } from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { PoolEntry } from "../peers/TaskPool.ts"
import { tinypoolProcesses, tinypoolThreads } from "../peers/tinypool.ts"
import { workerpoolProcesses, workerpoolThreads } from "../peers/workerpool.ts"
import { millisOf } from "./onPools.ts"

const metric = { name: "interrupt to next result", unit: "ms" }

const input = { a: 1, b: 2 }

/** Nobody can say that it spins: after this time it does. */
const begun = () => setTimeout(50)

const ofPool = ({ name, role, start }: PoolEntry): Contender => ({
  name,
  role,
  start: async () => {
    const pool = await start(1)
    const next = () => pool.each("add", [input], 1)
    await next()
    const round = async () => {
      const interrupt = pool.begin?.("spin")
      await begun()
      return millisOf(metric, async () => {
        await interrupt?.()
        await next()
      })
    }
    return { round, stop: pool.stop }
  }
})

const ofRaw = (name: string, make: () => RawWorker): Contender => ({
  name,
  role: "limit",
  start: async () => {
    let worker = make()
    const next = () => worker.post(["add", [input]])
    await next()
    const round = async () => {
      void worker.post(["spin", [undefined]])
      await begun()
      return millisOf(metric, async () => {
        await worker.stop()
        worker = make()
        await next()
      })
    }
    return { round, stop: () => worker.stop() }
  }
})

const bareThread = ofRaw("raw terminate and spawn, bare", () => rawThread())
const equalThread = ofRaw("raw terminate and spawn, the same imports as a group's worker", () => rawThread(true))
const bareChild = ofRaw("raw kill and fork, bare", () => rawChild("advanced"))
const equalChild = ofRaw("raw kill and fork, the same imports as a group's worker", () => rawChild("advanced", true))

export const cancelThreads: Case = {
  name: "cancel-threads",
  title: "a spinning task is interrupted on a pool of one thread (grace 0)",
  metrics: [metric],
  workers: [1],
  contenders: [
    ...[ropewalk.threads, ropewalk.threadModule, piscina1, tinypoolThreads, workerpoolThreads].map(ofPool),
    bareThread,
    equalThread
  ],
  goals: [
    { metric: metric.name, ours: ropewalk.threads.name, against: named(equalThread.name), atMost: 1.5 },
    { metric: metric.name, ours: ropewalk.threadModule.name, against: named(bareThread.name), atMost: 1.5 }
  ]
}

export const cancelProcesses: Case = {
  name: "cancel-processes",
  title: "a spinning task is interrupted on a pool of one process (grace 0)",
  metrics: [metric],
  workers: [1],
  contenders: [
    ...[ropewalk.processes, ropewalk.processModule, tinypoolProcesses, workerpoolProcesses].map(ofPool),
    bareChild,
    equalChild
  ],
  goals: [
    { metric: metric.name, ours: ropewalk.processes.name, against: named(equalChild.name), atMost: 1.5 },
    { metric: metric.name, ours: ropewalk.processModule.name, against: named(bareChild.name), atMost: 1.5 }
  ]
}
