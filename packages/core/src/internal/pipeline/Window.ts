/**
 * Some of many elements at a time. What is worked on, and what is done and has not been taken, is never more than the
 * concurrency and the buffer together; so an input of any length takes up no more than that.
 *
 * Plain callbacks: every element passes through here, and most of them need no fiber.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Element } from "./Element.ts"
import { Lanes } from "./Lanes.ts"
import type { StageMeter } from "./StageMeter.ts"
import type { Work } from "./Work.ts"

export interface WindowOptions {
  readonly work: Work
  readonly meter: StageMeter
  readonly fork: (effect: Effect.Effect<unknown, unknown>) => Fiber.Fiber<unknown, unknown>
  readonly concurrency: number
  readonly buffer: number
  /** `false`: results in the order in which they come, and not in that of the input. */
  readonly ordered: boolean
  /** Elements of one key are worked on one after another. */
  readonly keyOf?: ((value: unknown) => unknown) | undefined
}

export class Window {
  /** The first failure: what ran beside it is interrupted. */
  failure: Cause.Cause<unknown> | undefined
  /** Why no more elements come. It counts once all results have been taken. */
  private last: Cause.Cause<unknown> | undefined
  private isStopped = false
  private readonly options: WindowOptions
  private readonly fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  /** Elements that have not been begun. */
  private readonly waiting: Lanes
  /** In the order in which they are to be taken; from `head` on. */
  private slots: Array<Element> = []
  private head = 0
  private running = 0
  /** Those of `slots`, and of what runs and waits outside of them. */
  private held = 0
  private onRoom: (() => void) | undefined
  private onReady: (() => void) | undefined

  constructor(options: WindowOptions) {
    this.options = options
    this.waiting = new Lanes(options.keyOf)
  }

  /** How many more elements are wanted. */
  get room(): number {
    const { buffer, concurrency } = this.options
    return this.failure === undefined && !this.isStopped ? concurrency + buffer - this.held : 0
  }

  /** Why there is nothing more to take, ever. */
  get end(): Cause.Cause<unknown> | undefined {
    return this.held === 0 ? this.last : undefined
  }

  /** No more elements come. */
  close(cause: Cause.Cause<unknown>): void {
    this.last = cause
    this.notify()
  }

  /** To be called with no more than there is room for. */
  add(elements: ReadonlyArray<Element>): void {
    this.held += elements.length
    for (const element of elements) {
      if (this.options.ordered) {
        element.state = "running"
        this.slots.push(element)
      }
      if (!this.admit(element)) return
    }
    this.beginNext()
  }

  /** Results that are ready, no more than `most`; none when none are. */
  take(most: number): ReadonlyArray<Element> {
    const taken: Array<Element> = []
    const { slots } = this
    let head = this.head
    for (; head < slots.length && taken.length < most; head++) {
      const element = slots[head] as Element
      if (element.state === "running") break
      if (element.state === "ready") taken.push(element)
    }
    this.held -= head - this.head
    this.head = head
    this.compact()
    const { meter } = this.options
    meter.out += taken.length
    meter.queued -= taken.length
    this.beginNext()
    return taken
  }

  /** Calls back once, when there is room for more elements. */
  whenRoom(callback: () => void): void {
    if (this.room > 0) callback()
    else this.onRoom = callback
  }

  /** Calls back once, when there is something to take, a failure or the end. */
  whenReady(callback: () => void): void {
    if (this.isReady) callback()
    else this.onReady = callback
  }

  /** Nothing more is begun; what runs is asked to end. */
  interrupt(): void {
    this.isStopped = true
    for (const fiber of this.fibers) fiber.interruptUnsafe()
  }

  /** Interrupts what runs, and waits for its end. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    this.isStopped = true
    return Fiber.interruptAll(this.fibers)
  })

  private get isReady(): boolean {
    const first = this.slots[this.head]
    return (first !== undefined && first.state !== "running") || this.failure !== undefined || this.end !== undefined
  }

  private beginNext(): void {
    const { concurrency } = this.options
    while (this.running < concurrency && this.failure === undefined && !this.isStopped) {
      const element = this.waiting.next()
      if (element === undefined) break
      this.begin(element)
    }
    if (this.room <= 0) return
    const { onRoom } = this
    this.onRoom = undefined
    onRoom?.()
  }

  /** A key is the user's to make, and may throw. */
  private admit(element: Element): boolean {
    try {
      this.waiting.add(element)
      return true
    } catch (thrown) {
      element.startedAt = this.options.meter.begin()
      this.fail(this.options.work.fail(element, Cause.die(thrown)))
      return false
    }
  }

  private begin(element: Element): void {
    const { fork, work } = this.options
    this.running++
    let rest: Effect.Effect<unknown, unknown> | undefined
    try {
      rest = work.begin(element)
    } catch (thrown) {
      this.running--
      this.fail(work.fail(element, Cause.die(thrown)))
      return
    }
    if (rest === undefined) return this.settled(element)
    const fiber = fork(rest)
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return this.ended(element, exit)
    this.fibers.add(fiber)
    fiber.addObserver((exit) => {
      this.fibers.delete(fiber)
      this.ended(element, exit)
      this.beginNext()
    })
  }

  private ended(element: Element, exit: Exit.Exit<unknown, unknown>): void {
    const { work } = this.options
    if (exit._tag === "Success") {
      work.succeed(element, exit.value)
      return this.settled(element)
    }
    this.running--
    this.fail(work.fail(element, exit.cause))
  }

  private settled(element: Element): void {
    const { meter, ordered } = this.options
    this.running--
    this.waiting.done(element)
    if (element.state === "ready") meter.queued++
    if (!ordered) {
      if (element.state === "ready") this.slots.push(element)
      else this.held--
    }
    if (this.isReady) this.notify()
  }

  private fail(cause: Cause.Cause<unknown>): void {
    if (this.failure !== undefined) return
    this.failure = cause
    for (const fiber of this.fibers) fiber.interruptUnsafe()
    this.notify()
  }

  private notify(): void {
    const { onReady } = this
    this.onReady = undefined
    onReady?.()
  }

  /** What was taken is forgotten, now and then: for each element it costs next to nothing. */
  private compact(): void {
    if (this.head === this.slots.length) this.slots = []
    else if (this.head > 1024 && this.head * 2 > this.slots.length) this.slots = this.slots.slice(this.head)
    else return
    this.head = 0
  }
}
