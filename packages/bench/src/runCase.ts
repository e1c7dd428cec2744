/**
 * Runs one case with one number of workers, in a process group of its own: whatever a contender leaves behind, hung threads
 * or orphaned processes, ends with it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { beside } from "./beside.ts"
import type { Case, Contender, Figures } from "./Case.ts"
import type { MeasureOptions, Progress } from "./measure.ts"
import type { CaseResult, ContenderResult } from "./Result.ts"

const caseMain = fileURLToPath(beside(import.meta.url, "./caseMain"))
const allCases = beside(import.meta.url, "./cases/cases")

/** How long a process may take to come to its first contender, on a machine that is busy with other things. */
const bootDeadline = 60_000

export interface RunOptions extends MeasureOptions {
  readonly onProgress?: (line: string) => void
  /** How much longer than its deadline, in ms, a step may be silent: after that its event loop itself is stuck. */
  readonly patience?: number
  /** The module whose `cases` has the case. */
  readonly cases?: URL
}

export const runCase = async (chosen: Case, options: RunOptions): Promise<CaseResult> => {
  const rounds = Math.min(options.rounds, chosen.maxRounds ?? options.rounds)
  const contenders = chosen.contenders.filter(({ name }) => options.only?.includes(name) ?? true)
  const tally = new Tally(contenders, rounds)
  const date = new Date().toISOString()
  const load = loadavg()[0] as number
  if (chosen.isolated === true) {
    for (let round = 0; round < rounds; round++) {
      for (const { name } of contenders) {
        await runProcess(chosen, { ...options, rounds: 1, only: [name] }, (progress) => tally.note(progress, round))
      }
    }
  } else {
    await runProcess(chosen, { ...options, rounds }, (progress) => tally.note(progress))
  }
  const { goals, metrics, name, remark, title } = chosen
  const about = { name, title, metrics, goals, ...(remark === undefined ? {} : { remark }) }
  const { quick, workers } = options
  return { ...about, workers, date, rounds, quick, load, contenders: tally.results() }
}

const runProcess = async (
  chosen: Case,
  { cases = allCases, onProgress, patience = 10_000, ...options }: RunOptions,
  note: (progress: Progress) => void
): Promise<void> => {
  const args = [...process.execArgv, "--expose-gc", caseMain, JSON.stringify([cases, chosen.name, options])]
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  let at = "start"
  let contender = ""
  const stuck = () => {
    note({ kind: "problem", contender, problem: `${at}: hung, and its event loop with it` })
    resolve()
  }
  let watchdog = setTimeout(stuck, bootDeadline)
  child.on("message", (progress: Progress) => {
    clearTimeout(watchdog)
    watchdog = setTimeout(stuck, options.deadline + patience)
    if (progress.kind === "at") {
      at = progress.step
      contender = progress.contender
      onProgress?.(`${chosen.name}, ${options.workers} worker${options.workers === 1 ? "" : "s"}: ${contender}, ${at}`)
    } else note(progress)
  })
  child.once("error", (cause) => reject(new Error(`The process of ${chosen.name} does not start`, { cause })))
  child.once("exit", (code, signal) => {
    if (code !== 0 && contender !== "") {
      note({ kind: "problem", contender, problem: `${at}: took the process with it (${signal ?? `exit ${code}`})` })
    }
    resolve()
  })
  const interrupted = (signal: NodeJS.Signals) => {
    endGroup(child)
    process.exit(signal === "SIGINT" ? 130 : 143)
  }
  process.once("SIGINT", interrupted)
  process.once("SIGTERM", interrupted)
  try {
    await ended
  } finally {
    clearTimeout(watchdog)
    process.off("SIGINT", interrupted)
    process.off("SIGTERM", interrupted)
    endGroup(child)
  }
}

const endGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch (cause) {
    // Nobody is left in it: the usual end.
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause
  }
}

/** Samples by contender and round, as they come in. */
class Tally {
  readonly #contenders: ReadonlyArray<Contender>
  readonly #samples = new Map<string, Array<Figures | null>>()
  readonly #problems = new Map<string, string>()

  constructor(contenders: ReadonlyArray<Contender>, rounds: number) {
    this.#contenders = contenders
    for (const { name } of contenders) this.#samples.set(name, Array<Figures | null>(rounds).fill(null))
  }

  note(progress: Progress, round?: number): void {
    if (progress.kind === "problem" && !progress.problem.startsWith("stop:")) {
      this.#problems.set(progress.contender, progress.problem)
    }
    if (progress.kind === "sample") {
      const samples = this.#samples.get(progress.contender) as Array<Figures | null>
      samples[round ?? progress.round] = progress.figures
    }
  }

  results(): ReadonlyArray<ContenderResult> {
    return this.#contenders.map(({ name, role }) => {
      const problem = this.#problems.get(name)
      return { name, role, samples: this.#samples.get(name) ?? [], ...(problem === undefined ? {} : { problem }) }
    })
  }
}
