/** A million numbers through the pool's own `map`: what an item costs when the pool may put many into a message. */
import { type Case, type Contender, named, type Setting, times } from "../Case.ts"
import { piscina1 } from "../peers/piscina.ts"
import { pythonContender } from "../peers/python.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { PoolEntry, TaskPool } from "../peers/TaskPool.ts"
import { microsEach } from "./onPools.ts"

const metric = { name: "an item", unit: "µs" }

const full = 1_000_000

/** One round of one contender: a slow one gets as many items as it can do in this time. */
const budgetMicros = 5_000_000

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

type MapAll = (pool: TaskPool, inputs: ReadonlyArray<number>) => Promise<unknown>

const contender = ({ name, role, start }: PoolEntry, mapAll: MapAll, as: Partial<Contender> = {}): Contender => ({
  name,
  role,
  start: async (setting: Setting) => {
    const pool = await start(setting.workers)
    const some = numbers(times(setting, full / 50))
    await mapAll(pool, some)
    const each = await microsEach(some.length, () => mapAll(pool, some))
    const inputs = numbers(Math.min(times(setting, full), Math.ceil(budgetMicros / each)))
    const round = async () => ({ [metric.name]: await microsEach(inputs.length, () => mapAll(pool, inputs)) })
    return { round, stop: pool.stop }
  },
  ...as
})

const ownMap: MapAll = async ({ map }, inputs) => map?.("increment", inputs)

const inChunks: MapAll = (pool, inputs) => {
  const size = 1000
  const chunks = Array.from({ length: Math.ceil(inputs.length / size) }, (_, index) =>
    inputs.slice(index * size, (index + 1) * size)
  )
  return pool.each("incrementAll", chunks, Number.POSITIVE_INFINITY)
}

const count = (quick: boolean) => (quick ? full / 10 : full)
const pythonMap = pythonContender("Pool", "map", { task: "increment", metric: metric.name, count })

export const map: Case = {
  name: "map",
  title: "increment of 1,000,000 numbers by the pool's own map (fewer for those who need more than 5 s)",
  metrics: [metric],
  workers: [1, 2],
  contenders: [
    contender(ropewalk.threads, ownMap),
    contender(ropewalk.processes, ownMap),
    pythonMap,
    contender(piscina1, inChunks, { name: "piscina, chunks of 1,000 by hand", role: "note" }),
    contender(raw.postMessage, inChunks, { name: "postMessage, chunks of 1,000 by hand" }),
    contender(raw.forkAdvanced, inChunks, { name: "fork IPC (advanced), chunks of 1,000 by hand" })
  ],
  goals: [ropewalk.threads, ropewalk.processes].map(({ name }) => ({
    metric: metric.name,
    ours: name,
    against: named(pythonMap.name),
    atMost: 1
  }))
}
