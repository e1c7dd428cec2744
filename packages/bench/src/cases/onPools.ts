/** A case's contenders, made of pools: one way to measure, for all of them. */
import type { Contender, Figures, Metric, Setting } from "../Case.ts"
import type { PoolEntry, TaskPool } from "../peers/TaskPool.ts"

type Measure = (pool: TaskPool, setting: Setting) => Promise<Figures>

/** `warmUp` is done once, before the first round; by default it is one round. */
export const onPools = (
  entries: ReadonlyArray<PoolEntry>,
  measure: Measure,
  warmUp: (pool: TaskPool, setting: Setting) => Promise<unknown> = measure
): ReadonlyArray<Contender> =>
  entries.map(({ name, role, start }) => ({
    name,
    role,
    start: async (setting) => {
      const pool = await start(setting.workers)
      await warmUp(pool, setting)
      return { round: () => measure(pool, setting), stop: pool.stop }
    }
  }))

/** Microseconds for one of `count`. */
export const microsEach = async (count: number, work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return ((performance.now() - start) / count) * 1000
}

/** All of it, in milliseconds: the one figure of a case. */
export const millisOf = async ({ name }: Metric, work: () => unknown): Promise<Figures> => {
  const start = performance.now()
  await work()
  return { [name]: performance.now() - start }
}
