/** What an episode must not leave behind: processes, threads, handles, listeners. */
import { readdirSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** How many there are of each. */
export type Footprint = ReadonlyMap<string, number>

/** The part of Node's diagnostic report that is read here. Handles that don't keep the program alive are in it too. */
interface DiagnosticReport {
  readonly workers: ReadonlyArray<unknown>
  readonly libuv: ReadonlyArray<{ readonly type: string }>
}

export const footprint = (): Footprint => {
  // Node opens them when they are first asked for.
  const emitters = { process, stdout: process.stdout, stderr: process.stderr }
  const report = diagnosticReport()
  const counts = new Map<string, number>()
  const count = (what: string, number = 1) => counts.set(what, (counts.get(what) ?? 0) + number)
  count("worker threads", report.workers.length)
  // Not its timers: V8 has some of its own in there, for the next collection. JavaScript's are among the active resources.
  for (const { type } of report.libuv) if (type !== "timer") count(`${type} handles`)
  for (const resource of process.getActiveResourcesInfo()) count(`active resources: ${resource}`)
  count("threads of the system", threads())
  for (const [name, emitter] of Object.entries(emitters)) {
    for (const event of emitter.eventNames())
      count(`listeners of ${name} for ${String(event)}`, emitter.listenerCount(event))
  }
  return counts
}

const diagnosticReport = (): DiagnosticReport => {
  // Else it asks for the host name of every address. Node's types don't know it yet.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }
  report.excludeNetwork = true
  return report.getReport() as unknown as DiagnosticReport
}

/** Only Linux tells. */
const threads = (): number => (process.platform === "linux" ? readdirSync("/proc/self/task").length : 0)

/** What there is more of than there was. */
export const excess = (before: Footprint, after: Footprint): Array<string> =>
  [...after].flatMap(([what, count]) => {
    const was = before.get(what) ?? 0
    return count > was ? [`${count} ${what}, ${was} before`] : []
  })

/**
 * What is left of an episode. Its processes must be gone at once; for what Node itself closes in the background, an ended
 * child's sockets for one, the event loop gets some turns.
 */
export const leftBehind = (before: Footprint, pids: Iterable<number>): Effect.Effect<Array<string>> =>
  Effect.gen(function* () {
    const running = [...pids].filter(isRunning).map((pid) => `process ${pid} runs on after its pool's scope has closed`)
    const left = yield* Effect.map(outsideTimers, () => excess(before, footprint())).pipe(
      Effect.repeat({ until: (left) => left.length === 0, schedule: Schedule.spaced("10 millis"), times: 200 })
    )
    return [...running, ...left.map((what) => `left behind: ${what}`)]
  })

/** A timer counts as active until what it calls has returned. */
const outsideTimers = Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
