/**
 * Writes down what the steps of a run touch. Objects have names that are the same in every run in which the step that
 * made them is: a hash of who took that step, the how-many-eth of theirs it was, and the how-many-eth object of the step.
 * So what was written down of a step in one run can be compared with a step of another.
 *
 * What can't be told is not left out: the step then counts as touching everything.
 *
 * @internal
 */
import { isLasting, type Touch } from "../../touched.ts"
import { mix } from "../HappensBefore.ts"
import type { Access } from "../Model.ts"
import type { Touched } from "../sleepSet.ts"

interface Name {
  readonly name: number
  /** Who gave it. In another run an object has no name again: who made it was not seen there. */
  readonly recorder: Recorder
}

const names = new WeakMap<object, Name>()

/** Of what no run makes. The same in all of them. */
const lastingNames = new WeakMap<object, number>()
let lastingCount = 0

const nameOf = (object: object, recorder: Recorder): number | undefined => {
  if (isLasting(object)) {
    const name = lastingNames.get(object) ?? mix(0, ++lastingCount)
    lastingNames.set(object, name)
    return name
  }
  const known = names.get(object)
  return known?.recorder === recorder ? known.name : undefined
}

/** Whose step is under way. */
let active: Recorder | undefined

export class Recorder {
  /** What was touched, and whether it was written. */
  readonly #accesses = new Map<number, boolean>()
  /** Of a program that explores another. */
  #outer: Recorder | undefined = undefined
  #step = 0
  #made = 0
  #isOpaque = false
  /** How often something was touched that isn't a fiber: whether an operation that is watched said anything. */
  told = 0
  /** In whose name an observer runs, in the step of another. */
  #owner: number | undefined = undefined

  /** Step number `ordinal` of the agent of that name. */
  begin(identity: number, ordinal: number): void {
    this.#accesses.clear()
    this.#step = mix(identity, ordinal)
    this.#made = 0
    this.#isOpaque = false
    this.told = 0
    this.#accesses.set(identity, true)
    this.#outer = active
    active = this
  }

  end(): Touched {
    active = this.#outer
    if (this.#isOpaque) return undefined
    const accesses: Array<Access> = []
    for (const [object, writes] of this.#accesses) accesses.push({ object, writes })
    return accesses
  }

  /** A name for what this step makes. */
  newName(): number {
    return mix(this.#step, ++this.#made)
  }

  touch(name: number, writes: boolean): void {
    this.told++
    if (writes || !this.#accesses.has(name)) this.#accesses.set(name, writes)
  }

  /** An agent was made able or unable to take its next step. */
  touchAgent(identity: number): void {
    if (active === this) this.#accesses.set(identity, true)
  }

  /** A fiber runs in this step, or is changed by it. */
  touchFiber(fiber: object): void {
    if (active !== this) return
    const name = nameOf(fiber, this)
    if (name === undefined) this.touchEverything()
    else this.#accesses.set(name, true)
  }

  touchEverything(): void {
    this.#isOpaque = true
  }

  /** Runs a callback that a fiber left behind: what they share is that fiber's. */
  inNameOf(owner: number | undefined, run: () => void): void {
    const outer = this.#owner
    this.#owner = owner
    if (owner === undefined) this.touchEverything()
    else this.#accesses.set(owner, true)
    try {
      run()
    } finally {
      this.#owner = outer
    }
  }

  ownerOr(fiber: object | undefined): number | undefined {
    return this.#owner ?? (fiber && nameOf(fiber, this))
  }
}

/** The recorder of the step under way, if it is one of an exploration that wants to know. */
export const recording = (): Recorder | undefined => active

/** An object was just made in this step: nobody else knows it yet. */
export const made = (object: object): void => {
  if (active === undefined) return
  const name = active.newName()
  names.set(object, { name, recorder: active })
  active.touch(name, true)
}

/** Outside of a step, everything counts as known. */
export const isKnown = (object: object): boolean => active === undefined || nameOf(object, active) !== undefined

/** `part` tells apart what can be touched of an object on its own. */
export const touch = (object: object, writes = true, part = 0): void => {
  if (active === undefined) return
  const name = nameOf(object, active)
  if (name !== undefined) active.touch(part === 0 ? name : mix(name, part), writes)
  // Nobody saw it being made, so what it is called depends on who came first: this step may touch anything.
  else {
    made(object)
    active.touchEverything()
  }
}

/** What this library's own modules say of themselves, and programs by `Explore.touch`. */
export const told = (object: object, how: Touch): void =>
  how === "makes" ? made(object) : touch(object, how === "writes")
