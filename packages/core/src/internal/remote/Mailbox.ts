/**
 * A bounded first-in-first-out queue whose takes are leases: what `Channel`, `Pipe` and `Manager.lock` are made of.
 *
 * A taker in another process may die or be interrupted after an item was handed to it and before it has it. So an item
 * that is handed over stays the mailbox's, and keeps its place, until the taker commits; a lease that is given back goes
 * to the front, where it came from. Lineage: the visibility time-out of message brokers, with the end of a connection in
 * place of the time-out.
 *
 * Everything here is synchronous: an operation settles the waiters it admits before it returns.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableList from "effect/MutableList"
import * as Option from "effect/Option"
import { touched } from "../touched.ts"
import type { BoundedQueue } from "./BoundedQueue.ts"

/** An item that was handed over and neither committed nor given back yet. */
export interface Lease<out A> {
  /** The item's place in the order of puts. */
  readonly sequence: number
  readonly value: A
}

interface Waiter<in E> {
  isAdmitted: boolean
  settle: (exit: Exit.Exit<void, E>) => void
}

interface Putter<out A, in E> extends Waiter<E> {
  readonly value: A
}

interface Taker<in A, in E> extends Waiter<E> {
  readonly onGrant: (lease: Lease<A>) => void
}

export class Mailbox<in out A, in out E> implements BoundedQueue<A, E> {
  readonly capacity: number
  #nextSequence = 0
  readonly #items = MutableList.make<Lease<A>>()
  /** Leases given back, oldest first. All of them are older than any of `#items`. */
  #returned: Array<Lease<A>> = []
  readonly #leased = new Set<Lease<A>>()
  // A Set keeps the order of arrival and forgets a cancelled waiter at once.
  readonly #putters = new Set<Putter<A, E>>()
  readonly #takers = new Set<Taker<A, E>>()
  #end: Exit.Exit<never, E> | undefined

  constructor(capacity: number) {
    this.capacity = capacity
    touched(this, "makes")
  }

  /** How many items wait to be taken. */
  readonly size: Effect.Effect<number> = Effect.sync(() => {
    touched(this, "reads")
    return this.#length
  })

  /** How many putters and takers are suspended here. */
  get waiting(): number {
    touched(this, "reads")
    return this.#putters.size + this.#takers.size
  }

  get isEnded(): boolean {
    touched(this, "reads")
    return this.#end !== undefined
  }

  put(value: A, patience: number): Effect.Effect<boolean, E> {
    const waiter: Putter<A, E> = { value, isAdmitted: false, settle: ignore }
    return enter(this, this.#putters, waiter, patience, () => {
      if (this.#end !== undefined) return this.#end
      if (this.#putters.size > 0 || !this.#hasRoom) return undefined
      this.#accept(value)
      return Exit.void
    })
  }

  take<B, F>(patience: number, deliver: (item: Option.Option<A>) => Effect.Effect<B, F>): Effect.Effect<B, E | F> {
    return Effect.suspend(() => {
      let granted: Lease<A> | undefined
      const leased = this.lease(patience, (lease) => {
        granted = lease
      })
      const delivered = Effect.flatMap(leased, () =>
        deliver(granted === undefined ? Option.none() : Option.some(granted.value))
      )
      // The outermost step: an interrupt up to here gives the item back; one that comes later finds the take done.
      return Effect.onExit(delivered, (exit) =>
        Effect.sync(() => {
          if (granted === undefined) return
          if (isInterrupted(exit)) this.giveBack(granted)
          else this.commit(granted)
        })
      )
    })
  }

  /**
   * Waits until an item is handed over; `false` when the patience (milliseconds) ran out first. `onGrant` runs in the
   * same step as the hand-over: whoever is interrupted afterwards still knows what to give back.
   */
  lease(patience: number, onGrant: (lease: Lease<A>) => void): Effect.Effect<boolean, E> {
    const waiter: Taker<A, E> = { onGrant, isAdmitted: false, settle: ignore }
    return enter(this, this.#takers, waiter, patience, () => {
      const lease = this.#next()
      if (lease !== undefined) {
        this.#leased.add(lease)
        onGrant(lease)
        return Exit.void
      }
      // While a lease is out it may still come back: the end is not reached yet.
      return this.#leased.size === 0 ? this.#end : undefined
    })
  }

  /** The lease's item is the taker's now, and its place is free. */
  commit(lease: Lease<A>): void {
    touched(this)
    if (!this.#leased.delete(lease)) return
    this.#admit()
    this.settleEnded()
  }

  /** The lease's item goes to the longest waiting taker, or back to its place at the front. */
  giveBack(lease: Lease<A>): void {
    touched(this)
    if (!this.#leased.delete(lease) || this.#grant(lease)) return
    const index = this.#returned.findIndex((other) => other.sequence > lease.sequence)
    this.#returned.splice(index === -1 ? this.#returned.length : index, 0, lease)
  }

  /** Putters fail now; takers fail once what was accepted has been taken. Does nothing to a mailbox that has ended. */
  finish(error: E): void {
    this.markFinished(error)
    this.settleEnded()
  }

  /** Everybody fails now, and what was accepted is dropped: also of a mailbox that was being drained. */
  abort(error: E): void {
    this.markAborted(error)
    this.settleEnded()
  }

  /**
   * The first half of `finish`. A waiter that is settled goes on at once, in the middle of who settled it: mailboxes that
   * end together are all marked before anybody can see that one of them has ended.
   */
  markFinished(error: E): void {
    touched(this)
    this.#end ??= Exit.fail(error)
  }

  /** The first half of `abort`. */
  markAborted(error: E): void {
    touched(this)
    if (this.#isDrained) return
    this.#end = Exit.fail(error)
    MutableList.clear(this.#items)
    this.#returned = []
    this.#leased.clear()
  }

  /** The second half: tells those who wait. */
  settleEnded(): void {
    touched(this)
    if (this.#end === undefined) return
    settleAll(this.#putters, this.#end)
    if (this.#isDrained) settleAll(this.#takers, this.#end)
  }

  get #isDrained(): boolean {
    return this.#end !== undefined && this.#length === 0 && this.#leased.size === 0
  }

  get #length(): number {
    return this.#items.length + this.#returned.length
  }

  get #hasRoom(): boolean {
    return this.#length + this.#leased.size < this.capacity
  }

  #next(): Lease<A> | undefined {
    const returned = this.#returned.shift()
    if (returned !== undefined) return returned
    const item = MutableList.take(this.#items)
    return item === MutableList.Empty ? undefined : item
  }

  #accept(value: A): void {
    const lease: Lease<A> = { sequence: this.#nextSequence++, value }
    if (!this.#grant(lease)) MutableList.append(this.#items, lease)
  }

  #grant(lease: Lease<A>): boolean {
    const taker = first(this.#takers)
    if (taker === undefined) return false
    this.#takers.delete(taker)
    this.#leased.add(lease)
    taker.isAdmitted = true
    taker.onGrant(lease)
    taker.settle(Exit.void)
    return true
  }

  #admit(): void {
    while (this.#hasRoom) {
      const putter = first(this.#putters)
      if (putter === undefined) return
      this.#putters.delete(putter)
      putter.isAdmitted = true
      this.#accept(putter.value)
      putter.settle(Exit.void)
    }
  }
}

/** Whether an effect ended because it was interrupted, and not by itself. */
export const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)

const ignore = (): void => {}

/**
 * Gets in by `attempt`, or waits in line for at most `patience` milliseconds. Interrupted, it leaves the line without a
 * trace.
 */
const enter = <E, W extends Waiter<E>>(
  mailbox: object,
  line: Set<W>,
  waiter: W,
  patience: number,
  attempt: () => Exit.Exit<void, E> | undefined
): Effect.Effect<boolean, E> =>
  Effect.suspend(() => {
    touched(mailbox)
    const now = attempt()
    if (now !== undefined) return Effect.as(now, true)
    if (patience === 0) return Effect.succeed(false)
    const wait = Effect.callback<void, E>((resume) => {
      // The fiber may have yielded since it looked, and what came meanwhile found nobody in the line: without this second
      // look it waits for ever (test/explored/Channel.test.ts).
      touched(mailbox)
      const late = attempt()
      if (late !== undefined) {
        waiter.isAdmitted = Exit.isSuccess(late)
        return resume(late)
      }
      waiter.settle = resume
      line.add(waiter)
      return Effect.sync(() => {
        touched(mailbox)
        line.delete(waiter)
      })
    })
    if (patience === Number.POSITIVE_INFINITY) return Effect.as(wait, true)
    return wait.pipe(
      Effect.as(true),
      // The deadline may ring between the admission and this fiber's next step: then the waiter was in time.
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () =>
          Effect.sync(() => {
            touched(mailbox)
            return waiter.isAdmitted
          })
      })
    )
  })

const first = <W>(line: Set<W>): W | undefined => line.values().next().value

const settleAll = <E, W extends Waiter<E>>(line: Set<W>, exit: Exit.Exit<void, E>): void => {
  const waiters = [...line]
  line.clear()
  for (const waiter of waiters) waiter.settle(exit)
}
