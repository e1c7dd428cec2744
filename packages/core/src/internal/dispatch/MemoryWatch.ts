/**
 * Measures the workers now and then, if there is a limit: those that have done something since.
 *
 * @internal
 */

import type { PooledSession } from "./PooledSession.ts"
import { Sampler } from "./Sampler.ts"
import type { MemoryLimits } from "./StaffOptions.ts"

export interface MemoryObserver {
  /** Above the limit at which it is replaced. */
  readonly onLarge: (session: PooledSession) => void
  /** Above the limit that it must not exceed. */
  readonly onExceeded: (session: PooledSession) => void
}

interface Measured {
  pending: boolean
  /** How many answers it had given. */
  completed: number
}

export class MemoryWatch {
  private readonly sessions: Iterable<PooledSession>
  private readonly limits: MemoryLimits
  private readonly observer: MemoryObserver
  private readonly sampler: Sampler
  private readonly isNeeded: boolean
  private readonly measured = new WeakMap<PooledSession, Measured>()

  constructor(sessions: Iterable<PooledSession>, limits: MemoryLimits, observer: MemoryObserver) {
    this.sessions = sessions
    this.limits = limits
    this.observer = observer
    this.isNeeded = Math.min(limits.killAbove, limits.recycleAbove) < Number.POSITIVE_INFINITY
    this.sampler = new Sampler(limits.interval, () => this.look())
  }

  watch(wanted: boolean): void {
    if (this.isNeeded) this.sampler.run(wanted)
  }

  private look(): void {
    for (const session of this.sessions)
      if (session.state === "ready" || session.state === "retiring") this.measure(session)
  }

  private measure(session: PooledSession): void {
    const before = this.measured.get(session) ?? { pending: false, completed: 0 }
    // One that does not answer is not asked again.
    if (before.pending || (session.load === 0 && session.completed === before.completed)) return
    const measured = { pending: true, completed: session.load > 0 ? -1 : session.completed }
    this.measured.set(session, measured)
    session.measure((bytes) => {
      measured.pending = false
      if (bytes > this.limits.killAbove) this.observer.onExceeded(session)
      else if (bytes > this.limits.recycleAbove) this.observer.onLarge(session)
    })
  }
}
