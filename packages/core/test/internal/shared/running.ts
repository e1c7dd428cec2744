/**
 * The code itself as an agent of the model of shared words (`explore/words.ts`), in place of a twin that is written for the
 * model and may drift from it. Each time the agent gets its turn, the code runs from its beginning, is told the results of
 * the operations it has done so far, and is left at the first one that is new: that one is the agent's next step. So the
 * code has to be the same each time, apart from what shared memory told it, and may not keep anything elsewhere.
 *
 * While it runs, `Atomics` and `Int32Array` are the model's, unless its memory is its own. Plain reads and writes of an `Int32Array` are steps as well,
 * and must never meet another agent's access of the same word: where there is no data race, plain accesses are as
 * sequentially consistent as atomic ones, and the schedules of the model are all there is.
 */
import {
  accessesOf,
  add,
  cas,
  exchange,
  fail,
  load,
  type Protocol,
  type Step,
  store,
  type Word,
  wait,
  wake
} from "../../../src/internal/explore/wordSteps.ts"
import type { Words } from "../../../src/internal/explore/words.ts"

/** Byte offsets in shared memory, and the words that the model has there. */
export type Layout<Name extends string> = Readonly<Record<number, Name>>

/** Does a step of the model and gives its result: for what is around the code that is tested. */
export type Perform = (step: Step) => number

export type Code<Name extends string> = (
  memory: SharedArrayBuffer,
  perform: Perform,
  words: Words<Name>,
  self: number
) => void

export interface Options {
  /**
   * The memory of the code is its own, as that of a process is: `Atomics` and `Int32Array` stay the real ones, and it shares
   * what it does by `perform`.
   */
  readonly ownMemory?: boolean
}

export const running = <Name extends string>(layout: Layout<Name>, code: Code<Name>, options: Options = {}) =>
  function* (words: Words<Name>, self: number): Protocol {
    const run = new Rerun((byteOffset) => words[layout[byteOffset]!])
    const upToNext = options.ownMemory ? run.upToNext : run.watched
    const all = runsOf(words)
    all.add(run)
    for (;;) {
      const next = upToNext.call(run, () => code(memory, perform, words, self))
      if (next === undefined) return
      const raced = racing(run, all)
      run.results.push(yield raced === undefined ? next : fail(`a data race on ${raced}`))
    }
  }

class Rerun {
  /** Of the steps it has done. */
  readonly results: Array<number> = []
  /** The step that the code wants to do now; absent when it has ended. */
  next: Step | undefined = undefined
  /** Whether that is no atomic operation. */
  plain = false
  readonly #wordAt: (byteOffset: number) => Word | undefined
  #done = 0

  constructor(wordAt: (byteOffset: number) => Word | undefined) {
    this.#wordAt = wordAt
  }

  /** What the code throws is a failure. */
  upToNext(code: () => void): Step | undefined {
    this.#done = 0
    this.next = undefined
    current = this
    try {
      code()
    } catch (error) {
      if (error !== left) this.next = fail(`${error}`)
    }
    return this.next
  }

  /** With the memory of the model. */
  watched(code: () => void): Step | undefined {
    globalThis.Atomics = modelAtomics as never
    globalThis.Int32Array = ModelInt32Array as never
    try {
      return this.upToNext(code)
    } finally {
      globalThis.Atomics = RealAtomics
      globalThis.Int32Array = RealInt32Array
    }
  }

  perform(step: Step, plain = false): number {
    if (this.#done < this.results.length) return this.results[this.#done++]!
    this.next = step
    this.plain = plain
    throw left
  }

  word(array: Int32Array, index: number): Word {
    const byteOffset = array.byteOffset + 4 * index
    const word = this.#wordAt(byteOffset)
    if (word === undefined || index >= array.length) throw new Error(`no word of the model is at byte ${byteOffset}`)
    return word
  }
}

/** Thrown where the code is left. */
const left = new Error("left at a step of the model: this must not be caught")

let current: Rerun

const perform: Perform = (step) => current.perform(step)

/** Only its addresses count: what would be in it is in the words of the model. */
const memory = new SharedArrayBuffer(4096)

const RealAtomics = Atomics
const RealInt32Array = Int32Array

/** The operations that the code under test uses; any other is not there, and fails. */
const modelAtomics = {
  load: (array: Int32Array, index: number) => perform(load(current.word(array, index))),
  store: (array: Int32Array, index: number, value: number) => {
    perform(store(current.word(array, index), value))
    return value
  },
  exchange: (array: Int32Array, index: number, value: number) => perform(exchange(current.word(array, index), value)),
  add: (array: Int32Array, index: number, value: number) => perform(add(current.word(array, index), value)),
  compareExchange: (array: Int32Array, index: number, expected: number, value: number) =>
    perform(cas(current.word(array, index), expected, value)),
  // A timeout is an agent that wakes: the code can't tell, and must not have to.
  wait: (array: Int32Array, index: number, expected: number) =>
    perform(wait(current.word(array, index), expected)) === 1 ? "ok" : "not-equal",
  notify: (array: Int32Array, index: number, count?: number) => perform(wake(current.word(array, index), count))
}

const isIndex = (key: string | symbol): key is string => typeof key === "string" && /^\d+$/.test(key)

const plainAccesses: ProxyHandler<Int32Array> = {
  get: (array, key) =>
    isIndex(key) ? current.perform(load(current.word(array, Number(key))), true) : Reflect.get(array, key, array),
  set: (array, key, value) => {
    current.perform(store(current.word(array, Number(key)), value), true)
    return true
  }
}

/** In place of a typed array stands what watches one. */
function ModelInt32Array(memory: SharedArrayBuffer, byteOffset: number, length: number): Int32Array {
  return new Proxy(new RealInt32Array(memory, byteOffset, length), plainAccesses)
}

const runs = new WeakMap<object, Set<Rerun>>()

/** The agents of one execution: each execution has words of its own. */
const runsOf = (words: object): Set<Rerun> => {
  const known = runs.get(words) ?? new Set()
  runs.set(words, known)
  return known
}

/** The word of two accesses that could happen at the same time, one of them a write and one of them plain. */
const racing = (one: Rerun, all: ReadonlySet<Rerun>): string | undefined => {
  for (const other of all) {
    if (other === one || other.next === undefined || !(one.plain || other.plain)) continue
    for (const { object, writes } of accessesOf(one.next!)) {
      const met = accessesOf(other.next).some((access) => access.object === object && (access.writes || writes))
      if (met) return String(object).replace(/^word /, "")
    }
  }
  return undefined
}
