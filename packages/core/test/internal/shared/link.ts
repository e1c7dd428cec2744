/** The shared memory between a test and its worker thread, and what the worker is told. */
import { Claims, claimsSize } from "../../../src/internal/shared/claims.ts"
import { Parking, parkingSize } from "../../../src/internal/shared/parking.ts"
import { RingReader, RingWriter, ringSize } from "../../../src/internal/shared/ring.ts"

export interface Job {
  readonly what: "echo" | "count" | "claim"
  readonly memory: SharedArrayBuffer
  readonly messages: number
  readonly firstTicket: number
}

/** Of the race for claims: so many slots are fought for, again and again. */
export const slots = 100
export const rounds = 500

const capacity = 1024
const toWorkerAt = 2 * parkingSize
const fromWorkerAt = toWorkerAt + ringSize(capacity)
const claimsAt = fromWorkerAt + ringSize(capacity)
const wordsAt = claimsAt + claimsSize(slots)

export const linkSize = wordsAt + (2 + slots) * 4

export function link(memory: SharedArrayBuffer, side: "parent"): Link<RingWriter, RingReader>
export function link(memory: SharedArrayBuffer, side: "worker"): Link<RingReader, RingWriter>
export function link(memory: SharedArrayBuffer, side: "parent" | "worker"): Link<unknown, unknown> {
  const [ToWorker, FromWorker] = side === "parent" ? [RingWriter, RingReader] : [RingReader, RingWriter]
  return {
    parent: new Parking(memory, 0),
    self: new Parking(memory, parkingSize),
    toWorker: new ToWorker(memory, toWorkerAt, capacity),
    fromWorker: new FromWorker(memory, fromWorkerAt, capacity),
    claims: new Claims(memory, claimsAt, slots),
    words: new Int32Array(memory, wordsAt, 2 + slots)
  }
}

interface Link<ToWorker, FromWorker> {
  readonly parent: Parking
  /** Of the worker. */
  readonly self: Parking
  readonly toWorker: ToWorker
  readonly fromWorker: FromWorker
  readonly claims: Claims
  /** For what a test counts. */
  readonly words: Int32Array
}
