/**
 * The steps of a protocol over shared words: what JavaScript's `Atomics` can do in one indivisible operation. A protocol
 * is a generator that yields steps and is resumed with their results: `const before = yield cas(lock, 0, 1)`.
 *
 * @internal
 */
import type { Access } from "./Model.ts"

/** A simulated 32-bit word, with those who sleep on it in the order they fell asleep. */
export class Word {
  readonly name: string
  value: number
  readonly sleepers: Array<number> = []
  readonly read: Access
  readonly written: Access
  readonly queueRead: Access
  readonly queueWritten: Access

  constructor(name: string, value: number) {
    this.name = name
    this.value = value
    this.read = { object: `word ${name}`, writes: false }
    this.written = { object: `word ${name}`, writes: true }
    this.queueRead = { object: `sleepers on ${name}`, writes: false }
    this.queueWritten = { object: `sleepers on ${name}`, writes: true }
  }

  /** Gives the value before. */
  replace(value: number): number {
    const before = this.value
    this.value = value | 0
    return before
  }
}

export type Step =
  | { readonly op: "load"; readonly word: Word }
  | { readonly op: "store" | "exchange" | "add"; readonly word: Word; readonly value: number }
  | { readonly op: "cas"; readonly word: Word; readonly expected: number; readonly value: number }
  | { readonly op: "wait"; readonly word: Word; readonly expected: number }
  | { readonly op: "wake"; readonly word: Word; readonly count: number }
  | { readonly op: "fail"; readonly message: string }

/** Yields steps, and is resumed with the result of each. */
export type Protocol = Generator<Step, void, number>

/** Results in the value. */
export const load = (word: Word): Step => ({ op: "load", word })

export const store = (word: Word, value: number): Step => ({ op: "store", word, value })

/** Results in the value before, as the next two. */
export const exchange = (word: Word, value: number): Step => ({ op: "exchange", word, value })

export const add = (word: Word, value: number): Step => ({ op: "add", word, value })

/** Stores if the value is the expected one. */
export const cas = (word: Word, expected: number, value: number): Step => ({ op: "cas", word, expected, value })

/** Sleeps until woken, if the value is the expected one. Results in 1 if it slept, in 0 if the value was another. */
export const wait = (word: Word, expected: number): Step => ({ op: "wait", word, expected })

/** Wakes so many who sleep on the word, the longest asleep first; all when absent. Results in how many there were. */
export const wake = (word: Word, count = Number.POSITIVE_INFINITY): Step => ({ op: "wake", word, count })

/** Says that the protocol has come to where it must not come. */
export const fail = (message: string): Step => ({ op: "fail", message })

/** What a step would touch now: a compare-and-set that fails only reads. */
export const accessesOf = (step: Step): ReadonlyArray<Access> => {
  switch (step.op) {
    case "load":
      return [step.word.read]
    case "store":
    case "exchange":
    case "add":
      return [step.word.written]
    case "cas":
      return [step.word.value === step.expected ? step.word.written : step.word.read]
    case "wait":
      return step.word.value === step.expected ? [step.word.read, step.word.queueWritten] : [step.word.read]
    case "wake":
      return [step.word.sleepers.length > 0 ? step.word.queueWritten : step.word.queueRead]
    case "fail":
      return []
  }
}

export const describe = (step: Step, result: number): string => {
  switch (step.op) {
    case "load":
      return `load ${step.word.name}: ${result}`
    case "store":
      return `store ${step.word.name} = ${step.value}`
    case "exchange":
      return `exchange ${step.word.name} = ${step.value}: was ${result}`
    case "add":
      return `add ${step.value} to ${step.word.name}: was ${result}`
    case "cas": {
      const outcome = result === step.expected ? "done" : `is ${result}`
      return `cas ${step.word.name} ${step.expected} -> ${step.value}: ${outcome}`
    }
    case "wait":
      return `wait on ${step.word.name} while ${step.expected}: ${result === 1 ? "asleep" : "is another"}`
    case "wake":
      return `wake ${step.count === Number.POSITIVE_INFINITY ? "all" : step.count} on ${step.word.name}: ${result} woken`
    case "fail":
      return step.message
  }
}
