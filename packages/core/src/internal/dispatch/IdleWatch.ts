/**
 * Finds the workers that have had nothing to do for a while. It looks four times in that while, at what each has done in
 * between, and only in pools that have workers to spare: the path of a call knows nothing of it.
 *
 * @internal
 */

import type { PooledSession } from "./PooledSession.ts"
import { Sampler } from "./Sampler.ts"

const looksPerIdleTime = 4

interface Seen {
  readonly completed: number
  readonly since: number
}

export class IdleWatch {
  private readonly sessions: Iterable<PooledSession>
  private readonly idleTime: number
  private readonly onIdle: (session: PooledSession) => void
  private readonly sampler: Sampler
  private seen = new Map<PooledSession, Seen>()

  /** Milliseconds. `onIdle` may end the session. */
  constructor(sessions: Iterable<PooledSession>, idleTime: number, onIdle: (session: PooledSession) => void) {
    this.sessions = sessions
    this.idleTime = idleTime
    this.onIdle = onIdle
    this.sampler = new Sampler(idleTime / looksPerIdleTime, () => this.look())
  }

  watch(wanted: boolean): void {
    this.sampler.run(wanted)
    if (!wanted) this.seen.clear()
  }

  private look(): void {
    const now = performance.now()
    const seen = new Map<PooledSession, Seen>()
    const idle: Array<PooledSession> = []
    for (const session of this.sessions) {
      if (session.state !== "ready" || session.load > 0) continue
      const { completed } = session
      const before = this.seen.get(session)
      const since = before?.completed === completed ? before.since : now
      seen.set(session, { completed, since })
      if (now - since >= this.idleTime) idle.push(session)
    }
    this.seen = seen
    for (const session of idle) this.onIdle(session)
  }
}
