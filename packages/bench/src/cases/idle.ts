/** What waiting workers take of a core. */
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import type { Case, Contender } from "../Case.ts"
import { processPeersOnce, threadPeersOnce } from "../peers/pools.ts"
import * as ropewalk from "../peers/ropewalk.ts"
import type { PoolEntry } from "../peers/TaskPool.ts"
import { pairs } from "./flood.ts"

const metric = { name: "CPU of all while they wait", unit: "% of a core" }

const idling = ({ name, role, start }: PoolEntry): Contender => ({
  name,
  role,
  start: async ({ quick, workers }) => {
    const pool = await start(workers)
    await pool.each("add", pairs(100 * workers), Number.POSITIVE_INFINITY)
    // What follows from the tasks (a last spin, a garbage collection) is not idling.
    await setTimeout(500)
    const round = async () => {
      const begun = performance.now()
      const before = cpuMillis()
      await setTimeout(quick ? 500 : 2000)
      return { [metric.name]: ((cpuMillis() - before) / (performance.now() - begun)) * 100 }
    }
    return { round, stop: pool.stop }
  }
})

const cpuMillis = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000 + childrenMillis()
}

/** Linux counts in hundredths of a second, in `/proc`: fields 14 and 15, user and system; the group is field 5. */
const childrenMillis = (): number => {
  if (process.platform !== "linux") return 0
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .reduce((sum, pid) => sum + millisOf(pid), 0)
}

const millisOf = (pid: string): number => {
  const stat = statOf(pid)
  // The name of the program, in brackets, may have blanks: what follows it begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // The process of a case is the first of its group.
  return Number(fields[2]) === process.pid ? (Number(fields[11]) + Number(fields[12])) * 10 : 0
}

/** Processes of others come and go meanwhile. */
const statOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
  } catch {
    return ""
  }
}

export const idle: Case = {
  name: "idle",
  title: "8 workers that have done 100 tasks each, over 2 s without any",
  metrics: [metric],
  workers: [8],
  isolated: true,
  maxRounds: 3,
  contenders: [
    ropewalk.threads,
    ropewalk.threadModule,
    ropewalk.processes,
    ...threadPeersOnce,
    ...processPeersOnce
  ].map(idling),
  goals: [ropewalk.threads, ropewalk.processes].map(({ name }) => ({ metric: metric.name, ours: name, atMost: 1 }))
}
