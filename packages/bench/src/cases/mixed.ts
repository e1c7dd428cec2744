/** Short tasks among long ones: whether a short one waits behind a long one while a worker is free. */
import { bestPeer, type Case } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { median, quantile } from "../report/statistics.ts"
import { onPools } from "./onPools.ts"

const p50 = { name: "p50 from submission to answer", unit: "ms" }
const p99 = { name: "p99 from submission to answer", unit: "ms" }

/** In any order, the same in every run. Park and Miller, "Random number generators: good ones are hard to find", 1988. */
const shuffled = <A>(values: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
  let state = seed
  const keyed = values.map((value) => {
    state = (state * 48_271) % 2_147_483_647
    return { key: state, value }
  })
  return keyed.toSorted((a, b) => a.key - b.key).map(({ value }) => value)
}

/** 1 % take 20 ms, the others 10 µs. Who gets the long ones is luck, for a pool that gives its tasks away by turns. */
const tasks = Array.from({ length: 1000 }, (_, index) => (index < 10 ? 20 : 0.01))
const arrangements = [1, 2, 3, 4, 5].map((seed) => shuffled(tasks, 1009 * seed))

const measure = async (pool: TaskPool) => {
  const taken: Array<Float64Array> = []
  for (const inputs of arrangements) taken.push(await pool.latencies("busy", inputs))
  const typical = (at: number) => median(taken.map((latencies) => quantile([...latencies], at)))
  return { [p50.name]: typical(0.5), [p99.name]: typical(0.99) }
}

export const mixed: Case = {
  name: "mixed",
  title: "1,000 tasks at once: 1 % of them take 20 ms, the others 10 µs; the median of five random orders",
  rewarm: true,
  metrics: [p50, p99],
  workers: [2],
  contenders: onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], measure),
  goals: [p50, p99].map(({ name }) => ({ metric: name, ours: ropewalk.threads.name, against: bestPeer, atMost: 1 }))
}
