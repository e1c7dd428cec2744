/**
 * Some of many tasks at a time. What is running, and what has been answered and not been taken, is never more than the
 * window; so an input of any length takes up no more than that.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

interface Slot {
  value: unknown
  isDone: boolean
}

type Task = Effect.Effect<unknown, unknown>

export interface TaskWindowOptions {
  readonly run: (payload: unknown) => Task
  readonly fork: (task: Task) => Fiber.Fiber<unknown, unknown>
  readonly size: number
  /** Results in the order in which they come, and not in that of the payloads. */
  readonly unordered: boolean
}

export class TaskWindow {
  /** The first failure of a task: the others are interrupted. */
  failure: Cause.Cause<unknown> | undefined
  /** Why no more payloads come. It counts once all results have been taken. */
  private last: Cause.Cause<unknown> | undefined
  private readonly options: TaskWindowOptions
  private readonly running = new Set<Fiber.Fiber<unknown, unknown>>()
  /** Of tasks that were started, in the order in which their results are to be taken. */
  private slots: Array<Slot> = []
  private outstanding = 0
  private backlog: ReadonlyArray<unknown> = []
  private next = 0
  private onRoom: (() => void) | undefined
  private onReady: (() => void) | undefined

  constructor(options: TaskWindowOptions) {
    this.options = options
  }

  /** Whether more payloads are wanted. */
  get hasRoom(): boolean {
    return this.next === this.backlog.length && this.outstanding < this.options.size && this.failure === undefined
  }

  /** Why there is nothing more to take, ever. */
  get end(): Cause.Cause<unknown> | undefined {
    return this.next === this.backlog.length && this.outstanding === 0 ? this.last : undefined
  }

  /** No more payloads come. */
  close(cause: Cause.Cause<unknown>): void {
    this.last = cause
    this.notify()
  }

  /** To be called when there is room. What is over the window is started when results have been taken. */
  start(payloads: ReadonlyArray<unknown>): void {
    this.backlog = payloads
    this.next = 0
    this.startNext()
  }

  /** The results that are ready; none when none are. */
  take(): ReadonlyArray<unknown> {
    const { slots } = this
    let count = 0
    while (count < slots.length && slots[count]?.isDone === true) count++
    if (count === 0) return []
    this.slots = slots.slice(count)
    this.outstanding -= count
    this.startNext()
    return Array.from({ length: count }, (_, index) => slots[index]?.value)
  }

  /** Calls back once, when there is room for more payloads. */
  whenRoom(callback: () => void): void {
    if (this.hasRoom) callback()
    else this.onRoom = callback
  }

  /** Calls back once, when there is something to take, a failure or the end. */
  whenReady(callback: () => void): void {
    if (this.slots[0]?.isDone === true || this.failure !== undefined || this.end !== undefined) callback()
    else this.onReady = callback
  }

  /** Interrupts what runs, and waits for its end. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => Fiber.interruptAll(this.running))

  private startNext(): void {
    const { size, unordered } = this.options
    while (this.outstanding < size && this.next < this.backlog.length && this.failure === undefined) {
      const payload = this.backlog[this.next++]
      const slot: Slot = { value: undefined, isDone: false }
      this.outstanding++
      if (!unordered) this.slots.push(slot)
      this.startOne(payload, slot)
    }
    if (!this.hasRoom) return
    const { onRoom } = this
    this.onRoom = undefined
    onRoom?.()
  }

  private startOne(payload: unknown, slot: Slot): void {
    const { fork, run, unordered } = this.options
    const fiber = fork(Effect.suspend(() => run(payload)))
    this.running.add(fiber)
    fiber.addObserver((exit) => {
      this.running.delete(fiber)
      if (exit._tag === "Failure") return this.fail(exit.cause)
      slot.value = exit.value
      slot.isDone = true
      if (unordered) this.slots.push(slot)
      if (this.slots[0]?.isDone === true) this.notify()
    })
  }

  private fail(cause: Cause.Cause<unknown>): void {
    if (this.failure !== undefined) return
    this.failure = cause
    for (const fiber of this.running) fiber.interruptUnsafe()
    this.notify()
  }

  private notify(): void {
    const { onReady } = this
    this.onReady = undefined
    onReady?.()
  }
}
