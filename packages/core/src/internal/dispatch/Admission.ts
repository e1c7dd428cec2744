/**
 * The queue of a pool with a capacity, and what becomes of a call that finds it full.
 *
 * - `"suspend"`: it waits outside, and enters as room appears. The highest priority enters first, and equal ones in the order
 *   in which they came: a call that is urgent must not wait behind a crowd that is not.
 * - `"fail"`: it is refused, with `PoolFull`.
 * - `"dropOldest"`: the oldest of the lowest priority leaves the queue, with `TaskDropped`, and the call takes its place. A
 *   call whose own priority is below all that wait is itself the one that is dropped.
 *
 * The capacity counts calls that wait in the queue, not those that workers were given. A dispatcher offers only what no idle
 * worker can take at once; so a capacity of 0 is a pool that does not queue.
 *
 * ```text
 *            admit                       room                      shift
 * caller ──────────▶ outside (suspend) ────────▶ queue ≤ capacity ───────▶ worker
 *              │         └────────────────── shift ─────────────────────────▲
 *              └───▶ refused, dropped
 * ```
 *
 * A worker for which the queue has nothing (all that is in it is bound to other lanes) takes its next call from outside: a
 * capacity bounds what waits, never what runs.
 *
 * Lineage: `ThreadPoolExecutor` of Java, with its bounded queue and its `RejectedExecutionHandler`; the names are those of
 * Effect's queues (`bounded`, `sliding`). Different from those: whoever is dropped is told so.
 *
 * @internal
 */
import { PoolFull, TaskDropped } from "../poolErrors.ts"
import { CallQueue, type QueueEntry } from "./CallQueue.ts"

export interface AdmissionOptions {
  /** How many calls may wait in the queue; may be infinite. */
  readonly capacity: number
  readonly overflow: Overflow
}

export type Overflow = "suspend" | "fail" | "dropOldest"

export type Admitted<T> =
  | { readonly kind: "queued" }
  /** Outside, until `onEntered`. */
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly error: PoolFull }
  /** `call` has left, with `error` for its caller. Unless it is the one that was offered, that one is queued. */
  | { readonly kind: "dropped"; readonly call: T; readonly error: TaskDropped }

interface AdmissionEntry extends QueueEntry {
  readonly task: string
  readonly options?: {
    /** It finds the queue full and waits outside, whatever befalls others: its caller bounds how many there are of it. */
    readonly patient?: boolean | undefined
  }
}

const queued = { kind: "queued" } as const
const waiting = { kind: "waiting" } as const

export class Admission<T extends AdmissionEntry> {
  private readonly capacity: number
  private readonly overflow: Overflow
  private readonly onEntered: (call: T) => void
  private readonly queue = new CallQueue<T>()
  private readonly outside = new CallQueue<T>()

  /** `onEntered` hears of each call that waited outside and has come in: to the queue, or straight to a worker. */
  constructor(options: AdmissionOptions, onEntered: (call: T) => void) {
    this.capacity = options.capacity
    this.overflow = options.overflow
    this.onEntered = onEntered
  }

  /** How many calls wait in the queue. */
  get queued(): number {
    return this.queue.size
  }

  /** How many calls wait outside. */
  get waiting(): number {
    return this.outside.size
  }

  admit(call: T): Admitted<T> {
    if (this.hasRoom) {
      this.queue.push(call)
      return queued
    }
    switch (call.options?.patient ? "suspend" : this.overflow) {
      case "suspend":
        this.outside.push(call)
        return waiting
      case "fail":
        return { kind: "refused", error: new PoolFull({ task: call.task, capacity: this.capacity }) }
      case "dropOldest":
        return this.dropFor(call)
    }
  }

  /** The next call for the worker of this lane. */
  shift(lane: number): T | undefined {
    const next = this.queue.shift(lane)
    if (next !== undefined) {
      if (this.outside.size > 0) this.letIn()
      return next
    }
    if (this.outside.size === 0) return undefined
    const entered = this.outside.shift(lane)
    if (entered !== undefined) this.onEntered(entered)
    return entered
  }

  /** Takes back a call that a worker was given and has not begun. It was accepted: it comes in even if the queue is full. */
  unshift(call: T): void {
    this.queue.unshift(call)
  }

  /** Whether `shift` would find one. */
  hasFor(lane: number): boolean {
    return this.queue.hasFor(lane) || this.outside.hasFor(lane)
  }

  /** Withdraws a call, from wherever it waits. `false`: it waits no more. */
  remove(call: T): boolean {
    if (!this.queue.remove(call)) return this.outside.remove(call)
    this.letIn()
    return true
  }

  /** Asks anew for the lane of each call that waits: after a worker slot came or went. All keep their order. */
  rebind(laneOf: (call: T) => number | undefined): void {
    for (const room of [this.queue, this.outside]) {
      for (const call of room.drain()) {
        call.lane = laneOf(call)
        room.push(call)
      }
    }
  }

  /** Empties it: the calls of the queue in their order, then those outside in theirs. */
  drain(): Array<T> {
    return [...this.queue.drain(), ...this.outside.drain()]
  }

  private get hasRoom(): boolean {
    return this.queue.size < this.capacity
  }

  /** One enters for each that leaves: whoever is outside is there because the queue is full, and never longer. */
  private letIn(): void {
    if (!this.hasRoom) return
    const next = this.outside.first()
    if (next === undefined) return
    this.outside.remove(next)
    this.queue.push(next)
    this.onEntered(next)
  }

  private dropFor(call: T): Admitted<T> {
    const oldest = this.queue.oldest()
    const dropped = oldest === undefined || call.priority < oldest.priority ? call : oldest
    if (dropped !== call) {
      this.queue.remove(dropped)
      this.queue.push(call)
    }
    return { kind: "dropped", call: dropped, error: new TaskDropped({ task: dropped.task, capacity: this.capacity }) }
  }
}
