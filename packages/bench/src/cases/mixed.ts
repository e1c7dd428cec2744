/** Short tasks among long ones: whether a short one waits behind a long one while a worker is free. */
import { bestPeer, type Case } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { quantile } from "../report/statistics.ts"
import { onPools } from "./onPools.ts"

const p50 = { name: "p50 from submission to answer", unit: "ms" }
const p99 = { name: "p99 from submission to answer", unit: "ms" }

/** From 0 to 1, the same in every run. Park and Miller, "Random number generators: good ones are hard to find", 1988. */
const random = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** One in each hundred is long, in any place: who gets them is luck, for a pool that gives its tasks away by turns. */
const anyOrder = (next: () => number): ReadonlyArray<number> =>
  Array.from({ length: 10 }, () => Math.floor(next() * 100)).flatMap((place) =>
    Array.from({ length: 100 }, (_, index) => (index === place ? 20 : 0.01))
  )

const next = random(1009)
const orders = Array.from({ length: 5 }, () => anyOrder(next))

/** Of the tasks of all orders together. */
const measure = async (pool: TaskPool) => {
  const taken: Array<number> = []
  for (const inputs of orders) taken.push(...(await pool.latencies("busy", inputs)))
  return { [p50.name]: quantile(taken, 0.5), [p99.name]: quantile(taken, 0.99) }
}

export const mixed: Case = {
  name: "mixed",
  title: "1,000 tasks at once, in five random orders: 1 % of them take 20 ms, the others 10 µs",
  rewarm: true,
  remark: `Of first in, first out on two cores that do nothing else, p50 would be 44 ms and p99 106; of turns, 44 and 146. A pool that
gives all away by turns, when it is submitted, has a better p50 where two workers and their caller share two cores: no worker waits for
the caller. It pays at p99, where the luck of the draw decides.`,
  metrics: [p50, p99],
  workers: [2],
  contenders: onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], measure),
  goals: [p50, p99].map(({ name }) => ({ metric: name, ours: ropewalk.threads.name, against: bestPeer, atMost: 1 }))
}
