/** One end of a link that sends and checks thousands of messages: random ones, which the other end knows as well. */
import { Prng } from "../../src/internal/explore/Prng.ts"

/** In each direction. */
export const messages = 25_000

/** So many more than it has received, an end may have sent: the ring is not always full, and always has to do. */
const ahead = 300

/** Mostly small; some are longer than a ring takes. */
const textsOf = (seed: number) => {
  const prng = new Prng()
  prng.reset(seed, 0)
  let count = 0
  return (): string => {
    const length = prng.below(20) === 0 ? prng.below(20_000) : prng.below(200)
    return `${count++} ${String.fromCharCode(97 + prng.below(26)).repeat(length)}`
  }
}

export class Hammer {
  private readonly post: (text: string) => void
  private readonly onDone: () => void
  private readonly next: () => string
  private readonly expected: () => string
  private readonly prng = new Prng()
  private sent = 0
  private received = 0
  private waits = false

  /** The seeds are of what it sends and of what the other does. */
  constructor(seed: number, otherSeed: number, post: (text: string) => void, onDone: () => void) {
    this.post = post
    this.onDone = onDone
    this.next = textsOf(seed)
    this.expected = textsOf(otherSeed)
    this.prng.reset(seed, 1)
  }

  /** Sends some, and goes on after so many turns of the event loop. */
  readonly send = (): void => {
    for (let some = 1 + this.prng.below(40); some > 0 && this.sent < messages; some--) {
      this.waits = this.sent >= this.received + ahead
      if (this.waits) return
      this.post(this.next())
      this.sent++
    }
    if (this.isDone) return this.onDone()
    if (this.sent < messages) this.pause(this.prng.below(4) === 0 ? this.prng.below(200) : 0)
  }

  receive(text: unknown): void {
    const expected = this.expected()
    if (text !== expected) throw new Error(`message ${this.received} is not ${expected.slice(0, 40)}, but ${text}`)
    this.received++
    if (this.isDone) return this.onDone()
    if (!this.waits) return
    this.waits = false
    setImmediate(this.send)
  }

  private pause(turns: number): void {
    if (turns === 0) setImmediate(this.send)
    else setImmediate(() => this.pause(turns - 1))
  }

  private get isDone(): boolean {
    return this.sent === messages && this.received === messages
  }
}
