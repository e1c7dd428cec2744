/**
 * The calls that one worker has been offered and has not answered, and those of them that are wanted back.
 *
 * An offer has a number, its ticket, and a slot: the ticket modulo the number of slots. The slot is taken until the worker has
 * said its last word about the ticket, also when the offer was taken back before. So offers that were taken back, and that the
 * worker has not come across yet, take up room: or a worker that is starved would be offered more and more.
 *
 * The calls are linked by the fields by which they were linked in their queue, and found by their slot. Not in a `Map`: V8 gives
 * that a new table every so many entries, and the old one keeps what was in it, and the next one, until the whole heap is
 * collected. Half of all calls outlived their answers so, with what they had answered.
 *
 * @internal
 */
import { nextTicket } from "../shared/claims.ts"
import type { Call } from "./Call.ts"

export class Offers {
  /** In the order in which they were made. */
  private head: Call | undefined = undefined
  private tail: Call | undefined = undefined
  /** How many have not been answered. */
  size = 0
  /** By slot. */
  private readonly calls: Array<Call | undefined>
  /** By slot: the ticket that has taken it, or 0, which is none. */
  private readonly tickets: Int32Array
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
    this.calls = new Array<Call | undefined>(slots).fill(undefined)
    this.tickets = new Int32Array(slots)
    this.concurrency = concurrency
  }

  /** How many slots are taken. */
  get taken(): number {
    return this.size + this.undropped.size
  }

  get slotCount(): number {
    return this.tickets.length
  }

  /** Whether nothing is on its way back. */
  get isSettled(): boolean {
    return this.asked.size === 0
  }

  /** The ticket of the next offer. */
  nextId(): number {
    do this.last = nextTicket(this.last)
    while (this.tickets[this.slotOf(this.last)] !== 0)
    return this.last
  }

  add(call: Call, id: number): void {
    const slot = this.slotOf(id)
    this.tickets[slot] = id
    this.calls[slot] = call
    call.id = id
    call.ahead = this.tail
    if (this.tail === undefined) this.head = call
    else this.tail.behind = call
    this.tail = call
    this.size++
    if (isBound(call)) this.bound++
  }

  get(id: number): Call | undefined {
    const slot = this.slotOf(id)
    return this.tickets[slot] === id ? this.calls[slot] : undefined
  }

  /** The oldest first. None is to be added or removed meanwhile. */
  *values(): Generator<Call> {
    for (let call = this.head; call !== undefined; call = call.behind as Call | undefined) yield call
  }

  /** The worker has answered it. `undefined`: it does not have it. */
  answered(id: number): Call | undefined {
    const call = this.get(id)
    if (call === undefined) return undefined
    this.remove(call)
    if (this.asked.size > 0) this.asked.delete(id)
    this.tickets[this.slotOf(id)] = 0
    return call
  }

  /** The worker will never start it. */
  returned(call: Call): void {
    this.remove(call)
    this.undropped.add(call.id)
  }

  /** The worker has thrown away what was taken back. `false`: it was not. */
  dropped(id: number): boolean {
    if (!this.undropped.delete(id)) return false
    this.tickets[this.slotOf(id)] = 0
    return true
  }

  clear(): void {
    while (this.head !== undefined) this.remove(this.head)
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
    if (this.bound === 0) return this.size - this.concurrency - this.asked.size
    let recallable = 0
    for (const _ of this.waiting()) recallable++
    return recallable
  }

  /** Those that the worker can't have started, the oldest first, and that others may have. */
  *waiting(): Generator<Call> {
    let running = this.concurrency
    for (const call of this.values()) if (running-- <= 0 && this.canRecall(call)) yield call
  }

  /** All that it need not keep, the youngest first: those that it has started by then are the oldest. */
  *rest(): Generator<Call> {
    for (const call of [...this.values()].reverse()) {
      const staysHere = call.options.probe !== undefined || call.pinnedTo !== undefined || call.moved
      if (!staysHere && !call.isInterrupted && !this.isAsked(call.id)) yield call
    }
  }

  /**
   * A worker comes to its calls in the order of the offers, and has answered or dropped each before it comes to the next: so
   * those that it has started and not answered are the oldest, no more than it runs at the same time. That also holds of calls
   * that were asked back: it says of each that it passes over that it has dropped it.
   */
  isAmongOldest(call: Call): boolean {
    let running = this.concurrency
    for (const offered of this.values()) {
      if (running <= 0) return false
      if (offered === call) return true
      running--
    }
    return false
  }

  private slotOf(id: number): number {
    return id % this.tickets.length
  }

  /** It points at none of the others from then on: it lives longer than they do, or they than it. */
  private remove(call: Call): void {
    const { ahead, behind } = call
    if (ahead === undefined) this.head = behind as Call | undefined
    else ahead.behind = behind
    if (behind === undefined) this.tail = ahead as Call | undefined
    else behind.ahead = ahead
    call.ahead = call.behind = undefined
    this.calls[this.slotOf(call.id)] = undefined
    this.size--
    if (isBound(call)) this.bound--
  }

  /** One that is bound to this worker would come back to it, behind those of its key that came later. */
  private canRecall(call: Call): boolean {
    return call.options.probe === undefined && !isBound(call) && !this.asked.has(call.id)
  }
}

/** To the worker that it was offered to: by its key, or because what was to be moved is there. */
const isBound = (call: Call): boolean => call.lane !== undefined || call.moved
