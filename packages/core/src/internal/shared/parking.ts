/**
 * How the consumer of shared memory sleeps, and how producers wake it: one word that says whether it has to be woken, and
 * how. The consumer first says that it will sleep and then looks for work again; a producer first publishes and then looks
 * whether anyone sleeps. `Atomics` are sequentially consistent, so one of them sees the other: no wake-up is lost.
 *
 * A producer that dies right after it took on a wake-up takes it along. Whoever hears of its end has to look for the work
 * of all, and only then let the consumer sleep again. README.md of this folder has the states.
 *
 * @internal
 */

/** The consumer will look for work by itself. */
const awake = 0
/** In `Atomics.wait`: whoever changes this has to notify it. */
const blocked = 1
/** In its event loop: whoever changes this has to post it a message. */
const asleep = 2

/** Bytes of shared memory of a parking word, alone on two cache lines as a consumer looks at it in vain most of the time. */
export const parkingSize = 128

export class Parking {
  readonly #word: Int32Array

  constructor(memory: SharedArrayBuffer, byteOffset: number) {
    this.#word = new Int32Array(memory, byteOffset, 1)
  }

  /**
   * Consumer: is about to sleep in its event loop. If there is work, it takes that back and answers false. A message may
   * come even so.
   */
  sleep(hasWork: () => boolean): boolean {
    Atomics.store(this.#word, 0, asleep)
    if (!hasWork()) return true
    this.awake()
    return false
  }

  /**
   * Consumer: blocks its thread until it is woken, or for so many milliseconds, unless there is work. It is awake
   * afterwards. Answers whether there is work.
   */
  block(hasWork: () => boolean, millis: number): boolean {
    Atomics.store(this.#word, 0, blocked)
    if (!hasWork()) Atomics.wait(this.#word, 0, blocked, millis)
    this.awake()
    return hasWork()
  }

  /** Consumer: is awake again. It has to look for work after this, not before. */
  awake(): void {
    Atomics.store(this.#word, 0, awake)
  }

  /**
   * Producer, after it has published: wakes a blocked consumer. True: the consumer is asleep, and the caller must post it a
   * message; of producers at the same time, one is told so.
   */
  wake(): boolean {
    if (Atomics.load(this.#word, 0) === awake) return false
    // Between the two, the consumer may have gone from one kind of sleep to the other: what counts is what was replaced.
    const before = Atomics.exchange(this.#word, 0, awake)
    if (before === blocked) Atomics.notify(this.#word, 0)
    return before === asleep
  }
}
