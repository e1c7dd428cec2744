/** Bytes to a worker, one payload after another: copied, given away, or in shared memory. */
import { type Case, type Figures, named, type Setting } from "../Case.ts"
import { effectRpc1 } from "../peers/effectRpc.ts"
import { jestThreads } from "../peers/jestWorker.ts"
import { piscina1 } from "../peers/piscina.ts"
import { poolifierThreads } from "../peers/poolifier.ts"
import * as raw from "../peers/raw.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { tinypoolThreads } from "../peers/tinypool.ts"
import { workerpoolThreads } from "../peers/workerpool.ts"
import { microsEach, onPools } from "./onPools.ts"

const sizes = [
  { label: "1 MiB", bytes: 2 ** 20, full: 320 },
  { label: "16 MiB", bytes: 2 ** 24, full: 40 }
]

const ways = ["copied", "transferred", "shared"] as const

const metrics = sizes.flatMap(({ label }) => ways.map((way) => ({ name: `${label} ${way}`, unit: "µs" })))

const measure = async (pool: TaskPool, setting: Setting): Promise<Figures> => {
  const figures: Record<string, number> = {}
  for (const { bytes, full, label } of sizes) {
    const count = setting.quick ? Math.ceil(full / 4) : full
    const one = new Uint8Array(bytes).fill(1)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes)).fill(1)
    const send = (payload: Uint8Array) => () => pool.each("touch", Array<Uint8Array>(count).fill(payload), 1)
    figures[`${label} copied`] = await microsEach(count, send(one))
    figures[`${label} shared`] = await microsEach(count, send(shared))
    if (pool.transfer === undefined) continue
    // Who has given bytes away needs new ones: they are made before the clock starts.
    const fresh = Array.from({ length: count }, () => new Uint8Array(bytes).fill(1))
    const { transfer } = pool
    figures[`${label} transferred`] = await microsEach(count, async () => {
      for (const payload of fresh) await transfer(payload)
    })
  }
  return figures
}

const peers = [piscina1, tinypoolThreads, workerpoolThreads, poolifierThreads, jestThreads, effectRpc1]

export const bytes: Case = {
  name: "bytes",
  title: "bytes to a thread and a number back, one payload after another",
  rewarm: true,
  metrics,
  workers: [1],
  remark: `Each message of a MiB is memory outside of the worker's heap, and V8 collects that heap whenever so many MiB have come
and gone. A worker that has loaded Effect has more to look through than one that has loaded nothing: the row of \`postMessage\` to
such a worker shows what that costs, without any pool. A \`module()\` pool loads no Effect.`,
  contenders: onPools(
    [ropewalk.threads, ropewalk.threadModule, ...peers, raw.postMessage, raw.postMessageWithImports],
    measure
  ),
  goals: metrics.map(({ name }) => ({
    metric: name,
    ours: ropewalk.threads.name,
    against: named(raw.postMessage.name),
    atMost: 1.1
  }))
}
