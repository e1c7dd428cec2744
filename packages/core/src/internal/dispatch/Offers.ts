/**
 * The calls that one worker has been offered and has not answered, and those of them that are wanted back.
 *
 * An offer has a number, its ticket, and a slot: the ticket modulo the number of slots. The slot is taken until the worker has
 * said its last word about the ticket, also when the offer was taken back before. So offers that were taken back, and that the
 * worker has not come across yet, take up room: or a worker that is starved would be offered more and more.
 *
 * @internal
 */
import { nextTicket } from "../shared/claims.ts"
import type { Call } from "./Call.ts"

export class Offers {
  /** By ticket, in the order in which they were made. */
  private readonly calls = new Map<number, Call>()
  private readonly slots: Uint8Array
  private readonly concurrency: number
  /** Taken back, and not thrown away by the worker yet. */
  private readonly undropped = new Set<number>()
  /** Asked back, and not answered. */
  private readonly asked = new Set<number>()
  /** How many no other worker may have. */
  private bound = 0
  private last = 0

  /** `concurrency`: how many of them the worker runs at the same time. */
  constructor(slots: number, concurrency: number) {
    this.slots = new Uint8Array(slots)
    this.concurrency = concurrency
  }

  /** How many have not been answered. */
  get size(): number {
    return this.calls.size
  }

  /** How many slots are taken. */
  get taken(): number {
    return this.calls.size + this.undropped.size
  }

  get slotCount(): number {
    return this.slots.length
  }

  /** Whether nothing is on its way back. */
  get isSettled(): boolean {
    return this.asked.size === 0
  }

  /** The ticket of the next offer. */
  nextId(): number {
    do this.last = nextTicket(this.last)
    while (this.slots[this.last % this.slots.length] === 1)
    return this.last
  }

  add(call: Call, id: number): void {
    this.slots[id % this.slots.length] = 1
    this.calls.set(id, call)
    if (isBound(call)) this.bound++
  }

  get(id: number): Call | undefined {
    return this.calls.get(id)
  }

  /** The oldest first. */
  values(): MapIterator<Call> {
    return this.calls.values()
  }

  /** The worker has answered it. `undefined`: it does not have it. */
  answered(id: number): Call | undefined {
    const call = this.calls.get(id)
    if (call === undefined) return undefined
    this.calls.delete(id)
    if (isBound(call)) this.bound--
    if (this.asked.size > 0) this.asked.delete(id)
    this.slots[id % this.slots.length] = 0
    return call
  }

  /** The worker will never start it. */
  returned(call: Call): void {
    this.calls.delete(call.id)
    if (isBound(call)) this.bound--
    this.undropped.add(call.id)
  }

  /** The worker has thrown away what was taken back. `false`: it was not. */
  dropped(id: number): boolean {
    if (!this.undropped.delete(id)) return false
    this.slots[id % this.slots.length] = 0
    return true
  }

  clear(): void {
    this.calls.clear()
  }

  /** It was asked back, and the answer comes later. */
  ask(call: Call): void {
    this.asked.add(call.id)
  }

  isAsked(id: number): boolean {
    return this.asked.has(id)
  }

  /** The answer has come. `false`: it was not asked for, or has come before. */
  replied(id: number): boolean {
    return this.asked.delete(id)
  }

  /** How many could be given to other workers. */
  get recallable(): number {
    if (this.bound === 0) return this.calls.size - this.concurrency - this.asked.size
    let recallable = 0
    for (const _ of this.waiting()) recallable++
    return recallable
  }

  /** Those that the worker can't have started, the oldest first, and that others may have. */
  *waiting(): Generator<Call> {
    let running = this.concurrency
    for (const call of this.calls.values()) if (running-- <= 0 && this.canRecall(call)) yield call
  }

  /** All that it need not keep, the youngest first: those that it has started by then are the oldest. */
  *rest(): Generator<Call> {
    for (const call of [...this.calls.values()].reverse()) {
      const staysHere = call.options.probe !== undefined || call.pinnedTo !== undefined || call.moved
      if (!staysHere && !call.isInterrupted && !this.isAsked(call.id)) yield call
    }
  }

  /**
   * A worker starts its calls in the order of the offers, and answers each before it starts the next: so those that it has
   * started and not answered are the oldest, no more than it runs at the same time.
   */
  isAmongOldest(call: Call): boolean {
    let running = this.concurrency
    for (const id of this.calls.keys()) {
      if (running <= 0) return false
      if (id === call.id) return true
      // One that is being taken back may have been passed over.
      if (!this.asked.has(id)) running--
    }
    return false
  }

  /** One that is bound to this worker would come back to it, behind those of its key that came later. */
  private canRecall(call: Call): boolean {
    return call.options.probe === undefined && !isBound(call) && !this.asked.has(call.id)
  }
}

/** To the worker that it was offered to: by its key, or because what was to be moved is there. */
const isBound = (call: Call): boolean => call.lane !== undefined || call.moved
