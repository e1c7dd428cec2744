/**
 * How this thread hears of its workers: it looks at their rings on each turn of its event loop while answers are
 * likely to come soon, and has itself woken by a message when not. One for all pools of the thread.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import { Parking, parkingSize } from "../shared/parking.ts"
import { Patience } from "./Patience.ts"

/** A ring that somebody else writes. */
export interface Inlet {
  readonly isEmpty: boolean
  /** Whether who writes it has work to do. */
  readonly isBusy: boolean
  /** Takes some of what is there. */
  readonly drain: () => void
  /** This thread is about to sleep: who writes to this inlet alone is told so here. It may be called again and again. */
  readonly sleep?: () => void
}

/** Milliseconds that this thread looks for answers after it has sent something. */
const longestLook = 0.2

const processors = availableParallelism()

/** Where this thread sleeps: its workers are given it, and wake it. */
export const memory = new SharedArrayBuffer(parkingSize)
const parking = new Parking(memory, 0)
parking.sleep(() => false)

const inlets = new Set<Inlet>()
const patience = new Patience(longestLook)
let looking = false
let lookUntil = 0
let sentAt = 0
let sent = false

export const add = (inlet: Inlet): void => void inlets.add(inlet)

export const remove = (inlet: Inlet): void => void inlets.delete(inlet)

/** Something was sent: an answer may come. */
export const expectAnswer = (): void => {
  sent = true
  if (looking) return
  looking = true
  parking.awake()
  setImmediate(look)
}

/** A worker has woken this thread: it has written something. */
export const woken = (): void => {
  if (looking) return
  patience.missed(performance.now() - sentAt)
  looking = true
  parking.awake()
  look()
}

const look = (): void => {
  let found = false
  try {
    for (const inlet of inlets) {
      if (inlet.isEmpty) continue
      found = true
      inlet.drain()
    }
  } finally {
    // Also when a callback throws: those who wait for other answers must go on.
    lookAgainOrSleep(found)
  }
}

const lookAgainOrSleep = (found: boolean): void => {
  const now = performance.now()
  if (sent) sentAt = now
  if (found) patience.rewarded()
  if (found || sent) lookUntil = now + patience.millis
  sent = false
  const isCrowd = isCrowded()
  if (now < lookUntil && !isCrowd) return void setImmediate(look)
  if (!found && !isCrowd) patience.disappointed()
  for (const inlet of inlets) inlet.sleep?.()
  if (!parking.sleep(hasWork)) return void setImmediate(look)
  looking = false
}

/**
 * Whether the workers at work have all the processors: to look then takes one from those who are to answer. Without this, as
 * many workers as processors take half as long again for tasks of a millisecond (`pnpm bench spin-cost`).
 */
const isCrowded = (): boolean => {
  let busy = 0
  for (const inlet of inlets) if (inlet.isBusy && ++busy >= processors) return true
  return false
}

const hasWork = (): boolean => {
  for (const inlet of inlets) if (!inlet.isEmpty) return true
  return false
}
