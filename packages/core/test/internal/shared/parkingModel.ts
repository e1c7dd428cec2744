/** A consumer that sleeps, and producers that publish and wake it, as a program over words: the real `Parking` among them. */
import { add, load, type Protocol, wait, wake } from "../../../src/internal/explore/wordSteps.ts"
import type { Program, Words } from "../../../src/internal/explore/words.ts"
import { Parking } from "../../../src/internal/shared/parking.ts"
import { type Perform, running } from "./running.ts"

type Names = "parking" | "messages" | "sleeps" | "work0" | "work1"
type ParkingWords = Words<Names>

export interface Setting {
  /** Of work that each producer publishes: one of them, or two. */
  readonly pieces: readonly [number] | readonly [number, number]
  readonly how: "sleeps" | "blocks" | "blocks, then sleeps"
  readonly parking?: new (memory: SharedArrayBuffer, byteOffset: number) => Parking
  /** A timeout of `block`, at any time. */
  readonly timeout?: boolean
  /** So many producers die, anywhere. */
  readonly deaths?: number
  /** On the end of a producer the consumer looks for its work only, and goes on sleeping without saying so. */
  readonly thrifty?: boolean
}

/** Added to a producer's work by its end. */
const gone = 64

export const parkingProgram = (setting: Setting): Program<Names> => {
  const { pieces, how, deaths = 0, parking: AnyParking = Parking, thrifty = false, timeout = false } = setting
  const indices = [...pieces.keys()]

  const producer = running<Names>(layout, (memory, perform, words, self) => {
    const parking = new AnyParking(memory, 0)
    for (let piece = 1; piece <= pieces[self]!; piece++) {
      perform(add(workOf(words, self), 1))
      if (parking.wake()) post(perform, words)
    }
  })

  const consumer = running<Names>(layout, (memory, perform, words) => {
    const parking = new AnyParking(memory, 0)
    const taken = indices.map(() => 0)
    let received = 0
    const look = (index: number) => perform(load(workOf(words, index)))
    const hasWork = () => indices.some((index) => look(index) !== taken[index])
    const isDone = () => taken.every((work, index) => work === pieces[index] || work >= gone)
    // As an event loop would: a wake-up may belong to a message that was received long ago.
    const receive = () => {
      while (perform(wait(words.messages, received)) === 1);
      received++
    }
    for (let blocks = how !== "sleeps"; ; ) {
      for (const index of indices) taken[index] = look(index)
      if (isDone()) return
      if (blocks) {
        parking.block(hasWork, 1_000)
        blocks = how === "blocks"
        continue
      }
      perform(add(words.sleeps, 1))
      if (!parking.sleep(hasWork)) continue
      receive()
      const dead = thrifty ? indices.find((index) => taken[index]! < gone && look(index) >= gone) : undefined
      if (dead !== undefined) {
        taken[dead] = look(dead)
        if (isDone()) return
        receive()
      }
      parking.awake()
    }
  })

  return {
    words: { parking: 0, messages: 0, sleeps: 0, work0: 0, work1: 0 },
    agents: [...indices.map(() => producer), ...(timeout ? [expire] : []), consumer],
    deaths,
    reaper: (words, dead) => (dead < pieces.length ? exitEvent(words, dead) : nothing()),
    invariant: ({ messages, sleeps, work0, work1 }) => {
      const exits = [work0, work1].filter(({ value }) => value >= gone).length
      return messages.value > sleeps.value + exits ? "two messages for one sleep" : undefined
    }
  }
}

const layout = { 0: "parking" } as const

const workOf = (words: ParkingWords, index: number) => (index === 0 ? words.work0 : words.work1)

const post = (perform: Perform, words: ParkingWords) => {
  perform(add(words.messages, 1))
  perform(wake(words.messages))
}

function* expire({ parking }: ParkingWords): Protocol {
  yield wake(parking)
}

/** Comes through the consumer's event loop, as messages do. */
function* exitEvent(words: ParkingWords, dead: number): Protocol {
  yield add(workOf(words, dead), gone)
  yield add(words.messages, 1)
  yield wake(words.messages)
}

function* nothing(): Protocol {}
