/**
 * Which task of a fiber pool runs next: the queue of a pool of workers, in front of slots that have no worker. There are as
 * many lanes as the pool's `size`, so that the calls of a key follow each other here as they would on a worker.
 *
 * @internal
 */

import type { PoolClosed, PoolFull, TaskDropped } from "../poolErrors.ts"
import { Admission, type AdmissionOptions } from "./Admission.ts"
import { laneOf } from "./affinity.ts"
import { QueueEntry } from "./CallQueue.ts"

export class FiberCall extends QueueEntry {
  readonly task: string
  readonly patient = false
  /** It has a slot, and runs. */
  readonly onTurn: () => void
  /** It will never run. */
  readonly onRefused: (error: PoolClosed | PoolFull | TaskDropped) => void
  key: string | number | undefined
  /** The lane whose slot it has. */
  slot: number | undefined

  constructor(
    task: string,
    priority: number | undefined,
    onTurn: () => void,
    onRefused: (error: PoolClosed | PoolFull | TaskDropped) => void
  ) {
    super(priority)
    this.task = task
    this.onTurn = onTurn
    this.onRefused = onRefused
  }
}

export class FiberSlots {
  private readonly queue: Admission<FiberCall>
  private readonly concurrency: number
  private lanes: ReadonlyArray<number> = []
  /** By lane: how many slots are free. A lane that was given up keeps its count: what runs there runs on. */
  private readonly free: Array<number> = []

  constructor(size: number, concurrency: number, options: AdmissionOptions) {
    this.queue = new Admission(options, () => {})
    this.concurrency = concurrency
    this.resize(size)
  }

  /** How many calls have not started. */
  get queued(): number {
    return this.queue.queued + this.queue.waiting
  }

  /** How many of them wait for room in the queue. */
  get waiting(): number {
    return this.queue.waiting
  }

  /** What runs in a lane too many runs to its end. */
  resize(size: number): void {
    this.lanes = Array.from({ length: size }, (_, lane) => lane)
    for (const lane of this.lanes) this.free[lane] ??= this.concurrency
    this.queue.rebind(({ key }) => (key === undefined ? undefined : laneOf(key, this.lanes)))
    for (const lane of this.lanes) this.fill(lane)
  }

  submit(call: FiberCall, key: string | number | undefined): void {
    call.key = key
    if (key !== undefined) call.lane = laneOf(key, this.lanes)
    const lane = this.lanes.find((lane) => this.isFreeFor(call, lane))
    if (lane !== undefined) return this.start(call, lane)
    const admitted = this.queue.admit(call)
    if (admitted.kind === "refused") call.onRefused(admitted.error)
    else if (admitted.kind === "dropped") admitted.call.onRefused(admitted.error)
  }

  /** Takes back one that waits. */
  remove(call: FiberCall): void {
    this.queue.remove(call)
  }

  /** The task has ended: its slot is for the next one. */
  ended(call: FiberCall): void {
    const lane = call.slot as number
    this.free[lane] = (this.free[lane] as number) + 1
    if (lane < this.lanes.length) this.fill(lane)
  }

  /** Empties the queue. */
  drain(): ReadonlyArray<FiberCall> {
    return this.queue.drain()
  }

  private fill(lane: number): void {
    while ((this.free[lane] as number) > 0) {
      const next = this.queue.shift(lane)
      if (next === undefined) return
      this.start(next, lane)
    }
  }

  private isFreeFor(call: FiberCall, lane: number): boolean {
    return (this.free[lane] as number) > 0 && (call.lane ?? lane) === lane && !this.queue.hasFor(lane)
  }

  private start(call: FiberCall, lane: number): void {
    this.free[lane] = (this.free[lane] as number) - 1
    call.slot = lane
    call.onTurn()
  }
}
