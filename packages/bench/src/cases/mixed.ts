/** Short tasks among long ones: whether a short one waits behind a long one while a worker is free. */
import { bestPeer, type Case } from "../Case.ts"
import { threadPeers } from "../peers/pools.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { TaskPool } from "../peers/TaskPool.ts"
import { quantile } from "../report/statistics.ts"
import { onPools } from "./onPools.ts"

const p50 = { name: "p50 from submission to answer", unit: "ms" }
const p99 = { name: "p99 from submission to answer", unit: "ms" }

/**
 * 1 % take 20 ms, the others 10 µs. The long one has another place in each hundred, odd and even: a pool that gives tasks
 * to its workers by turns must not happen to give all long ones to one.
 */
const inputs = Array.from({ length: 1000 }, (_, index) =>
  index % 100 === (37 * Math.floor(index / 100) + 13) % 100 ? 20 : 0.01
)

const measure = async (pool: TaskPool) => {
  const taken = await pool.latencies("busy", inputs)
  return { [p50.name]: quantile([...taken], 0.5), [p99.name]: quantile([...taken], 0.99) }
}

export const mixed: Case = {
  name: "mixed",
  title: "1,000 tasks at once: 1 % of them take 20 ms, the others 10 µs",
  rewarm: true,
  metrics: [p50, p99],
  workers: [2],
  contenders: onPools([ropewalk.threads, ropewalk.threadModule, ...threadPeers], measure),
  goals: [p50, p99].map(({ name }) => ({ metric: name, ours: ropewalk.threads.name, against: bestPeer, atMost: 1 }))
}
