/**
 * The shared memory of one worker thread: where it sleeps, what it has claimed, and a ring in each direction.
 *
 * @internal
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"
import { Claims, claimsSize } from "../shared/claims.ts"
import { Parking, parkingSize } from "../shared/parking.ts"
import { RingReader, RingWriter, ringSize } from "../shared/ring.ts"
import { ringCapacity } from "./ringSizes.ts"

/** What is posted to wake who sleeps in an event loop: it says that there is something in the ring. */
export const wakeUp = 0

/** A message that has arrived and that nobody has heard yet. */
export const nextPosted = <Message>(port: MessagePort): Message | undefined => {
  for (;;) {
    const received = receiveMessageOnPort(port)
    if (received === undefined || received.message !== wakeUp) return received?.message
  }
}

const offsets = (slots: number) => {
  const claims = parkingSize
  const toWorker = claims + claimsSize(slots)
  const fromWorker = toWorker + ringSize(ringCapacity)
  return { claims, toWorker, fromWorker, size: fromWorker + ringSize(ringCapacity) }
}

export const makeMemory = (slots: number): SharedArrayBuffer => new SharedArrayBuffer(offsets(slots).size)

type Direction = "toWorker" | "fromWorker"

const side = (memory: SharedArrayBuffer, slots: number, writes: Direction, reads: Direction) => {
  const at = offsets(slots)
  return {
    parking: new Parking(memory, 0),
    claims: new Claims(memory, at.claims, slots),
    writer: new RingWriter(memory, at[writes], ringCapacity),
    reader: new RingReader(memory, at[reads], ringCapacity)
  }
}

export const parentSide = (memory: SharedArrayBuffer, slots: number) => side(memory, slots, "toWorker", "fromWorker")

export const workerSide = (memory: SharedArrayBuffer, slots: number) => side(memory, slots, "fromWorker", "toWorker")
