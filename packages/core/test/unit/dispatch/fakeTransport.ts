/** Workers that do what they are told to, when they are told to: for tests of what is in front of them. */
import type {
  FromWorker,
  ToWorker,
  Transport,
  Worker,
  WorkerEvents,
  WorkerExit
} from "../../../src/internal/transport/Transport.ts"

const normal: WorkerExit = { code: 0, signal: undefined, outOfMemory: false, uncaught: undefined }

export class FakeWorker implements Worker {
  readonly id: number
  /** What it has been offered and has not started. */
  readonly offered: Array<number> = []
  /** What it has started and not answered. */
  readonly running: Array<number> = []
  readonly interrupted = new Set<number>()
  isReady = false
  /** It has been told to leave, or has been ended. */
  isClosing = false
  isKilled = false
  isGone = false
  bytes = 0
  /** Whether the system holds it when it is killed. */
  isHeld = false
  /** How often each rung was climbed. */
  readonly rungs: Array<"terminate" | "kill"> = []
  private readonly concurrency: number
  private readonly events: WorkerEvents
  private readonly dropped: Array<number> = []

  constructor(id: number, concurrency: number, events: WorkerEvents) {
    this.id = id
    this.concurrency = concurrency
    this.events = events
  }

  send(message: ToWorker): void {
    if (this.isGone) return
    if (message.kind === "run") this.offered.push(message.id)
    else if (message.kind === "interrupt") this.interrupted.add(message.id)
    else if (message.kind === "close") this.isClosing = true
  }

  revoke(id: number): boolean {
    const index = this.offered.indexOf(id)
    if (index < 0) return false
    this.offered.splice(index, 1)
    this.dropped.push(id)
    return true
  }

  hasStarted(id: number): boolean {
    return this.running.includes(id)
  }

  measure(onMeasured: (bytes: number) => void): void {
    onMeasured(this.bytes)
  }

  terminate(): void {
    this.rungs.push("terminate")
    this.isKilled = true
  }

  kill(): void {
    this.rungs.push("kill")
    this.isKilled = true
  }

  /** Loads its file. */
  ready(): void {
    if (this.isReady || this.isGone || this.isKilled) return
    this.isReady = true
    this.say({ kind: "ready" })
  }

  /** Starts what it has room for. */
  start(): void {
    if (this.isGone || this.isKilled || this.isClosing) return
    for (const id of this.dropped.splice(0)) this.say({ kind: "dropped", id })
    while (this.running.length < this.concurrency && this.offered.length > 0) {
      this.running.push(this.offered.shift() as number)
    }
  }

  /** Answers the task that it has run for longest. */
  answer(): void {
    const id = this.isGone || this.isKilled ? undefined : this.running.shift()
    if (id === undefined) return
    const isInterrupted = this.interrupted.delete(id)
    const exit = isInterrupted
      ? ({ kind: "failure", reasons: [{ kind: "interrupt" }] } as const)
      : ({ kind: "success", value: id } as const)
    this.say({ kind: "settled", id, exit })
  }

  exit(exit: Partial<WorkerExit> = {}): void {
    if (this.isGone) return
    this.isGone = true
    this.events.onExit({ ...normal, ...exit })
  }

  /** Does the next of what it has been told: everything, if it is called often enough. */
  obey(): void {
    if (this.isKilled) {
      if (!this.isHeld) this.exit({ code: 1 })
    } else if (this.isClosing && (this.running.length === 0 || !this.isReady)) this.exit()
    else if (this.isReady) {
      this.start()
      this.answer()
    } else this.ready()
  }

  private say(message: FromWorker): void {
    this.events.onMessage(message)
  }
}

export const fakeTransport = () => {
  const workers: Array<FakeWorker> = []
  const alive = () => workers.filter(({ isGone }) => !isGone)
  let onSpawn: (alive: number) => void = () => {}
  const transport: Transport = {
    place: "thread",
    workerFile: "file:///worker.ts",
    spawn: ({ concurrency }, events) => {
      const worker = new FakeWorker(workers.length, concurrency, events)
      workers.push(worker)
      onSpawn(alive().length)
      return worker
    }
  }
  return {
    transport,
    workers,
    alive,
    onSpawn: (listener: (alive: number) => void) => {
      onSpawn = listener
    }
  }
}
