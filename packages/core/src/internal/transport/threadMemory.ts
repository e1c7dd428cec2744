/**
 * The shared memory of one worker thread: where it sleeps, what it has claimed, and a ring in each direction.
 *
 * @internal
 */
import { Claims, claimsSize } from "../shared/claims.ts"
import { Parking, parkingSize } from "../shared/parking.ts"
import { RingReader, RingWriter, ringSize } from "../shared/ring.ts"

/** Bytes of each ring. */
const capacity = 128 * 1024

/** The longest message that goes through a ring; longer ones go by the port. */
export const maxRingMessage = 8 * 1024

/** For an entry that says that messages come by the port. */
export const elsewhereBytes = 16

/** What is posted to wake who sleeps in an event loop: it says that there is something in the ring. */
export const wakeUp = 0

const offsets = (slots: number) => {
  const claims = parkingSize
  const toWorker = claims + claimsSize(slots)
  const fromWorker = toWorker + ringSize(capacity)
  return { claims, toWorker, fromWorker, size: fromWorker + ringSize(capacity) }
}

export const makeMemory = (slots: number): SharedArrayBuffer => new SharedArrayBuffer(offsets(slots).size)

type Direction = "toWorker" | "fromWorker"

const side = (memory: SharedArrayBuffer, slots: number, writes: Direction, reads: Direction) => {
  const at = offsets(slots)
  return {
    parking: new Parking(memory, 0),
    claims: new Claims(memory, at.claims, slots),
    writer: new RingWriter(memory, at[writes], capacity),
    reader: new RingReader(memory, at[reads], capacity)
  }
}

export const parentSide = (memory: SharedArrayBuffer, slots: number) => side(memory, slots, "toWorker", "fromWorker")

export const workerSide = (memory: SharedArrayBuffer, slots: number) => side(memory, slots, "fromWorker", "toWorker")
