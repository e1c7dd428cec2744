/** What is done to a pool in the midst of its work: its worker processes get signals that it does not hear of, or its size changes. */
import * as Effect from "effect/Effect"
import { suspend } from "../src/internal/chaos/suspend.ts"
import type { SoakPool } from "./kinds.ts"
import type { Strike } from "./Plan.ts"

export class Striker {
  readonly killed = new Set<number>()
  struck = { kill: 0, stop: 0, resize: 0, missed: 0 }
  private readonly resumes = new Set<() => void>()

  strike(strike: Strike, pool: SoakPool): void {
    if (strike.kind !== "resize") return this.signal(strike, pool)
    this.struck.resize++
    Effect.runSync(pool.resize(strike.size))
  }

  /** What stands still goes on. */
  close(): void {
    for (const resume of this.resumes) resume()
  }

  /**
   * Only workers that run something are struck: a row of workers that die before they were given anything would be a start
   * that failed, and rightly so.
   */
  private signal({ kind, millis, worker: index }: Exclude<Strike, { kind: "resize" }>, pool: SoakPool): void {
    const { workers } = Effect.runSync(pool.stats)
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
