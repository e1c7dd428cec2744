/**
 * Replaces workers that are worn out: too old, or too large. Each retires first, so it ends between tasks, after its
 * teardown, and its successor starts in its place. At most half of the workers are away for that at the same time, and none
 * when workers can't be started: an old one is better than none.
 *
 * Lineage: `maxtasksperchild` of Python's `Pool`, `max_requests` of gunicorn.
 *
 * @internal
 */
import type { PooledSession } from "./PooledSession.ts"

export class Recycler {
  private readonly sessions: ReadonlySet<PooledSession>
  private readonly age: number
  private readonly mayReplace: () => boolean
  private readonly timers = new Map<PooledSession, NodeJS.Timeout>()
  /** Those that are worn out, in that order. */
  private readonly worn = new Set<PooledSession>()
  /** Those that end because of it. */
  private readonly leaving = new Set<PooledSession>()

  /** Milliseconds. */
  constructor(sessions: ReadonlySet<PooledSession>, age: number, mayReplace: () => boolean) {
    this.sessions = sessions
    this.age = age
    this.mayReplace = mayReplace
  }

  /** A worker is ready. */
  add(session: PooledSession): void {
    if (this.age < Number.POSITIVE_INFINITY) {
      this.timers.set(session, setTimeout(() => this.wear(session), this.age).unref())
    }
    this.next()
  }

  wear(session: PooledSession): void {
    if (session.state !== "ready") return
    this.worn.add(session)
    this.next()
  }

  /** It ends because it is worn out, and is not to be waited with. */
  replaced(session: PooledSession): void {
    this.leaving.add(session)
  }

  /** A worker is gone. Answers whether it was because it was worn out. */
  left(session: PooledSession): boolean {
    clearTimeout(this.timers.get(session))
    this.timers.delete(session)
    this.worn.delete(session)
    return this.leaving.delete(session)
  }

  next(): void {
    for (const session of this.worn) {
      if (!this.mayReplace() || 2 * this.away >= this.sessions.size) return
      this.worn.delete(session)
      if (session.state !== "ready") continue
      this.replaced(session)
      session.retire()
    }
  }

  private get away(): number {
    let away = 0
    for (const { state } of this.sessions) if (state !== "ready") away++
    return away
  }
}
