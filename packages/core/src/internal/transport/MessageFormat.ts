/**
 * Messages as bytes: for a ring in shared memory and for a socket. The frequent ones (a task, its result) are written
 * without an object around them, and a task's name is sent once and has a number from then on.
 *
 * ```text
 * run        1 · id u32 · number of the name u16 · the name, when it is new · payload
 * run        7   as above, but an array of the payload and the extras
 * interrupt  2 · id u32
 * settled    3 · id u32 · value            with success
 * dropped    4 · id u32
 * other      5 · the message
 * elsewhere  6 · count u32                 so many messages have been posted by the port before this place
 * elements   8 · id u32 · an array         of a stream
 * credit     9 · id u32 · count u32        for more of them
 * settled   10 · id u32 · start f64 · milliseconds f64 · value      when times are asked for
 * started   11 · id u32 · start f64
 * ready     12
 * ```
 *
 * Values are those of `codec/compact.ts`; a message that has others is refused, and goes another way.
 *
 * @internal
 */
import { CompactDecoder } from "../codec/compactDecoder.ts"
import { CompactEncoder, overflow, unsupported } from "../codec/compactEncoder.ts"
import type { FromWorker, RunExtras, TaskTimes, ToWorker } from "./Transport.ts"

const run = 1
const interrupt = 2
const settled = 3
const dropped = 4
const other = 5
const elsewhere = 6
const runWithExtras = 7
const elements = 8
const credit = 9
const settledTimed = 10
const started = 11
const ready = 12

const headBytes = 7
const startedBytes = 13
const timedHeadBytes = 21

/** Of a tag and an id. */
const idBytes = 5

const creditBytes = 9
const mostNames = 1024

/** What nearly every message begins with: its tag, and an id (or a count). */
const writeHead = (view: DataView, start: number, tag: number, id: number): void => {
  view.setUint8(start, tag)
  view.setUint32(start + 1, id, true)
}

export class MessageEncoder {
  private readonly values = new CompactEncoder()
  private readonly names = new Map<string, number>()

  /** Writes into bytes [start, end), and answers with the position after it; or with `unsupported` or `overflow`. */
  encode(message: ToWorker | FromWorker, bytes: Buffer, view: DataView, start: number, end: number): number {
    if (end - start < headBytes) return overflow
    switch (message.kind) {
      case "run":
        return this.encodeRun(message, bytes, view, start, end)
      case "settled":
        if (message.exit.kind !== "success") break
        if (message.times !== undefined) {
          return this.encodeTimed(message.id, message.exit.value, message.times, bytes, view, start, end)
        }
        writeHead(view, start, settled, message.id)
        return this.values.encode(message.exit.value, bytes, view, start + 5, end)
      case "interrupt":
      case "dropped":
        writeHead(view, start, message.kind === "interrupt" ? interrupt : dropped, message.id)
        return start + 5
      case "started":
        if (end - start < startedBytes) return overflow
        writeHead(view, start, started, message.id)
        view.setFloat64(start + 5, message.at, true)
        return start + startedBytes
      case "ready":
        // A value of its own would be the first thing that a worker encodes: a third of a millisecond of its start.
        view.setUint8(start, ready)
        return start + 1
      case "elements":
        writeHead(view, start, elements, message.id)
        return this.values.encode(message.values, bytes, view, start + 5, end)
      case "credit":
        if (end - start < creditBytes) return overflow
        writeHead(view, start, credit, message.id)
        view.setUint32(start + 5, message.count, true)
        return start + creditBytes
      default:
        break
    }
    view.setUint8(start, other)
    return this.values.encode(message, bytes, view, start + 1, end)
  }

  private encodeTimed(
    id: number,
    value: unknown,
    times: TaskTimes,
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number
  ): number {
    if (end - start < timedHeadBytes) return overflow
    writeHead(view, start, settledTimed, id)
    view.setFloat64(start + 5, times.at, true)
    view.setFloat64(start + 13, times.millis, true)
    return this.values.encode(value, bytes, view, start + timedHeadBytes, end)
  }

  /** Says that so many messages come another way, in this place. */
  encodeElsewhere(count: number, view: DataView, start: number): number {
    writeHead(view, start, elsewhere, count)
    return start + 5
  }

  private encodeRun(
    message: Extract<ToWorker, { readonly kind: "run" }>,
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number
  ): number {
    const known = this.names.get(message.task)
    const number = known ?? this.names.size
    if (number >= mostNames) return unsupported
    writeHead(view, start, message.extras === undefined ? run : runWithExtras, message.id)
    view.setUint16(start + 5, number, true)
    let position = start + headBytes
    if (known === undefined) {
      position = this.values.encode(message.task, bytes, view, position, end)
      if (position < 0) return position
    }
    // In one go: when a part of it is refused, nothing of it has been told.
    const value = message.extras === undefined ? message.payload : [message.payload, message.extras]
    position = this.values.encode(value, bytes, view, position, end)
    if (position >= 0 && known === undefined) this.names.set(message.task, number)
    return position
  }
}

/** How many messages are to be taken from elsewhere. */
export interface Elsewhere {
  readonly kind: "elsewhere"
  readonly count: number
}

export class MessageDecoder {
  private readonly values = new CompactDecoder()
  private readonly names: Array<string> = []

  /** Throws when the bytes from `start` to `end` are no message. */
  decode(bytes: Buffer, view: DataView, start: number, end: number): ToWorker | FromWorker | Elsewhere {
    if (start >= end) throw new Error("No bytes are no message")
    // Where one without a value ends.
    this.values.position = start + idBytes
    const message = this.read(bytes, view, start)
    if (this.values.position !== end) throw new Error(`A message of other than its ${end - start} bytes`)
    return message
  }

  private read(bytes: Buffer, view: DataView, start: number): ToWorker | FromWorker | Elsewhere {
    const tag = view.getUint8(start)
    switch (tag) {
      case run:
      case runWithExtras: {
        const id = view.getUint32(start + 1, true)
        const number = view.getUint16(start + 5, true)
        let position = start + headBytes
        if (number === this.names.length) {
          this.names.push(String(this.values.decode(bytes, view, position)))
          position = this.values.position
        }
        const task = this.names[number]
        if (task === undefined) throw new Error(`There is no task number ${number}`)
        const value = this.values.decode(bytes, view, position)
        if (tag === run) return { kind: "run", id, task, payload: value, extras: undefined }
        const [payload, extras] = value as [unknown, RunExtras]
        return { kind: "run", id, task, payload, extras }
      }
      case settled: {
        const id = view.getUint32(start + 1, true)
        return { kind: "settled", id, exit: { kind: "success", value: this.values.decode(bytes, view, start + 5) } }
      }
      case settledTimed: {
        const id = view.getUint32(start + 1, true)
        const times = { at: view.getFloat64(start + 5, true), millis: view.getFloat64(start + 13, true) }
        const value = this.values.decode(bytes, view, start + timedHeadBytes)
        return { kind: "settled", id, exit: { kind: "success", value }, times }
      }
      case started:
        this.values.position = start + startedBytes
        return { kind: "started", id: view.getUint32(start + 1, true), at: view.getFloat64(start + 5, true) }
      case interrupt:
        return { kind: "interrupt", id: view.getUint32(start + 1, true) }
      case dropped:
        return { kind: "dropped", id: view.getUint32(start + 1, true) }
      case ready:
        this.values.position = start + 1
        return { kind: "ready" }
      case elements: {
        const id = view.getUint32(start + 1, true)
        return { kind: "elements", id, values: this.values.decode(bytes, view, start + 5) as Array<unknown> }
      }
      case credit:
        this.values.position = start + creditBytes
        return { kind: "credit", id: view.getUint32(start + 1, true), count: view.getUint32(start + 5, true) }
      case elsewhere:
        return { kind: "elsewhere", count: view.getUint32(start + 1, true) }
      case other: {
        const message = this.values.decode(bytes, view, start + 1)
        // Who reads a ring looks at its kind; all else is looked at by whoever it is for.
        if (message === null || message === undefined) throw new Error(`${message} is no message`)
        return message as ToWorker | FromWorker
      }
      default:
        throw new Error(`Byte ${tag} begins no message`)
    }
  }
}
