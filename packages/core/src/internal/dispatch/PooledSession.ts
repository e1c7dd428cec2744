/**
 * One worker of a pool, which may be told to go when it has done what it has begun, and be called back; which sets up and
 * tears down, wears out, and is measured.
 *
 * ```text
 *   ready ──retire──▶ retiring ──it has answered all──▶ ending
 *     ▲                  │
 *     └──────revive──────┘
 * ```
 *
 * @internal
 */
import { describeUnsendable } from "../codec/unsendable.ts"
import { fromWireError } from "../codec/wireError.ts"
import { EncodeFailed } from "../errors.ts"
import type { Reporting, Setup, Transport } from "../transport/Transport.ts"
import type { SessionObserver, SessionOptions } from "./SessionOptions.ts"
import { WorkerSession } from "./WorkerSession.ts"

export interface PooledOptions extends SessionOptions {
  /** After so many answers it is given nothing more. May be infinite. */
  readonly mostTasks: number
  readonly setup: Setup | undefined
}

export interface PooledObserver extends SessionObserver {
  /** It has answered all the calls it may have. */
  readonly onWorn: () => void
}

export class PooledSession extends WorkerSession {
  /** When it was started, by `performance.now`. */
  readonly startedAt = performance.now()
  /** The same, once it is ready to take calls. */
  readyAt: number | undefined
  /** Bytes, when last measured. */
  memory: number | undefined
  private readonly mostTasks: number
  private readonly onWorn: () => void
  private setup: Setup | undefined

  constructor(transport: Transport, lane: number, options: PooledOptions, observer: PooledObserver) {
    super(transport, lane, options, observer)
    this.mostTasks = options.mostTasks
    this.setup = options.setup
    this.onWorn = observer.onWorn
    this.window.limit(this.mostTasks)
  }

  /** Takes no more calls, gives those back that it has not started, and ends in order when it has answered the others. */
  retire(): void {
    if (this.state === "starting") return this.close(() => {})
    if (this.state !== "ready") return
    this.state = "retiring"
    this.recall(Number.POSITIVE_INFINITY)
    this.afterLeave()
  }

  /** It is needed after all. `false`: too late. */
  revive(): boolean {
    if (this.state !== "retiring") return false
    this.state = "ready"
    this.observer.onRoom(this)
    return true
  }

  /** Tells, unless it ends before, how many bytes it takes. */
  measure(onMeasured: (bytes: number) => void): void {
    this.worker.measure((bytes) => {
      this.memory = bytes
      if (this.state !== "gone") onMeasured(bytes)
    })
  }

  /** Its memory is above the limit: what it runs fails with that. */
  exceedMemory(): void {
    if (this.state === "gone") return
    this.outOfMemory = true
    this.state = "ending"
    this.ladder.kill()
  }

  /** Has the worker tell more, or less, of the tasks that it starts from here on. */
  report(what: Reporting): void {
    if (this.state === "ready" || this.state === "retiring") this.worker.send({ kind: "report", what })
  }

  /** It is ready when it says so again, once it has set up. */
  protected override isPrepared(): boolean {
    const { setup } = this
    if (setup === undefined) return true
    this.setup = undefined
    try {
      this.worker.send({ kind: "setup", ...setup })
    } catch (thrown) {
      const { cause, path } = describeUnsendable(setup, thrown)
      this.giveUpStart(new EncodeFailed({ what: "value", path, cause: fromWireError(cause) }))
    }
    return false
  }

  protected override afterAnswer(): void {
    if (this.mostTasks === Number.POSITIVE_INFINITY) return
    this.window.limit(this.mostTasks - this.completed)
    if (this.completed === this.mostTasks) this.onWorn()
  }

  protected override afterLeave(): void {
    if (this.state === "retiring" && this.offers.size === 0) this.close(() => {})
  }
}
