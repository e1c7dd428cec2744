/**
 * Two ends of a link in one process: over a file of rings, and over sockets that deliver when they are told to, in their order.
 * Each end runs as a worker does: when it was woken, until there is nothing to take and it sleeps.
 */
import { RingLink } from "../../src/internal/transport/RingLink.ts"
import { type OpenFile, RingFile, sides } from "../../src/internal/transport/ringFile.ts"
import type { FromWorker, ToWorker } from "../../src/internal/transport/Transport.ts"
import { bufferFile, type Side } from "./ringFiles.ts"

type Message = ToWorker | FromWorker
type Frame = { readonly message: Message } | "wake"

export class End {
  readonly link: RingLink<FromWorker, ToWorker>
  /** Ids of the messages that were handed over. */
  readonly received: Array<unknown> = []
  readonly broken: Array<unknown> = []
  /** On the way to this end. */
  readonly arriving: Array<Frame> = []
  /** How many went each way. */
  readonly sent = { byRing: 0, bySocket: 0 }
  wakes = 0
  isAwake = true
  #posted = 0

  constructor(ring: RingFile | undefined, other: () => End) {
    const socket = {
      post: (message: Message) => {
        if (typeof (message as { readonly payload?: unknown }).payload === "function") throw new Error("not cloned")
        this.#posted++
        other().arriving.push({ message })
      },
      wake: () => {
        other().wakes++
        other().arriving.push("wake")
      }
    }
    const heard = (message: Message) => this.received.push(idOf(message))
    this.link = new RingLink<FromWorker, ToWorker>(ring, socket, heard, (cause) => this.broken.push(cause))
  }

  /** By the ring if it can, or by the socket. */
  send(id: number, payload: unknown, bySocket = false): void {
    const before = this.#posted
    this.link.send({ kind: "run", id, task: "Task", payload, extras: undefined }, bySocket ? [] : undefined)
    this.sent[this.#posted > before ? "bySocket" : "byRing"]++
  }

  /** Hears the next frame of the socket, if one is on its way. */
  hear(): boolean {
    const frame = this.arriving.shift()
    if (frame === undefined) return false
    if (frame === "wake") this.link.woken()
    else this.link.posted(frame.message as FromWorker)
    this.isAwake = true
    return true
  }

  /** Takes so many at most; if there are none, it sleeps. */
  turn(most: number): void {
    if (this.isAwake && this.link.drain(most) === 0) this.isAwake = !this.link.sleep()
  }
}

const idOf = (message: unknown): unknown => (message as { readonly id?: unknown } | null | undefined)?.id

export interface Ends {
  readonly file: OpenFile
  readonly program: End
  readonly worker: End
}

/** `during`: what the other end does while a head is being written, so many of its words being new. */
export const endsOf = (during: (writer: Side, cut: (words: number) => void) => void = () => {}): Ends => {
  const file = bufferFile()
  const ends = (side: Side) => (side === "program" ? program : worker)
  const open = (side: Side) => {
    const write: OpenFile["write"] = (bytes, offset, length, position) => {
      let done = 0
      if (position === sides[side].head) {
        const whole = Buffer.from(bytes.subarray(offset, offset + length))
        during(side, (words) => {
          file.write(whole, done, 4 * words - done, position + done)
          done = 4 * words
        })
        return file.write(whole, done, length - done, position + done)
      }
      file.write(bytes, offset, length, position)
    }
    return new RingFile({ ...file, write }, side)
  }
  const program: End = new End(open("program"), () => ends("worker"))
  const worker: End = new End(open("worker"), () => ends("program"))
  return { file, program, worker }
}
