/** What is done to worker processes from outside, by signals that the pool does not hear of. */
import type * as Pool from "@ropewalk/core/Pool"
import { suspend } from "../src/internal/chaos/suspend.ts"
import type { Strike } from "./Plan.ts"

export class Striker {
  readonly killed = new Set<number>()
  struck = { kill: 0, stop: 0, missed: 0 }
  private readonly resumes = new Set<() => void>()

  /**
   * Only workers that run something are struck: a row of workers that die before they were given anything would be a start
   * that failed, and rightly so.
   */
  strike({ kind, millis, worker: index }: Strike, workers: ReadonlyArray<Pool.WorkerStats>): void {
    const busy = workers.filter((worker) => worker.state === "ready" && worker.running > 0)
    const worker = busy[index % busy.length]
    if (worker === undefined) {
      this.struck.missed++
      return
    }
    this.struck[kind]++
    if (kind === "kill") {
      this.killed.add(worker.id)
      signal(worker.id, "SIGKILL")
    } else {
      this.stop(worker.id, millis)
    }
  }

  /** What stands still goes on. */
  close(): void {
    for (const resume of this.resumes) resume()
  }

  private stop(pid: number, millis: number): void {
    const goOn = suspend({ id: pid, kill: (name = "SIGKILL") => signal(pid, name) })
    const resume = () => {
      clearTimeout(timer)
      this.resumes.delete(resume)
      goOn()
    }
    const timer = setTimeout(resume, millis)
    this.resumes.add(resume)
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended by itself.
  }
}
