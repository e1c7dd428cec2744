/**
 * A worker thread's end of its link: takes what is in its ring and what is announced there, and waits as `Turns.ts` has it.
 *
 * @internal
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { Parking } from "../shared/parking.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import { elsewhereBytes, maxRingMessage } from "./ringSizes.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { Turns } from "./Turns.ts"
import { wakeUp, workerSide } from "./threadMemory.ts"

/** Milliseconds that it looks for a task, over and over. */
const longestLook = 0.05

/** Milliseconds that it blocks. */
const longestBlock = 1

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 1024

/** Its port. */
const ownResources = 1

/** A look is a load from memory. */
const looksAtOnce = 64

export class ThreadWorkerLink {
  private readonly port: MessagePort
  private readonly slots: number
  private readonly shared: ReturnType<typeof workerSide>
  private readonly program: Parking
  private readonly encoder = new MessageEncoder()
  private readonly decoder = new MessageDecoder()
  private readonly turns: Turns
  private onMessage: (message: ToWorker) => void = () => {}
  /** How many messages were posted, and how many of them the ring has told of. */
  private posts = 0
  private announced = 0
  /** Posted messages that came before the ring announced them. */
  private readonly early: Array<ToWorker> = []

  /** `program` is where the program sleeps. */
  constructor(port: MessagePort, memory: SharedArrayBuffer, slots: number, program: SharedArrayBuffer) {
    this.port = port
    this.slots = slots
    this.shared = workerSide(memory, slots)
    this.program = new Parking(program, 0)
    const hasWork = () => !this.shared.reader.isEmpty
    this.turns = new Turns({
      drain: () => this.drain(),
      hasWork,
      block: () => this.shared.parking.block(hasWork, longestBlock),
      sleep: () => this.shared.parking.sleep(hasWork),
      longestLook,
      looksAtOnce,
      ownResources
    })
  }

  listen(onMessage: (message: ToWorker) => void): void {
    this.onMessage = onMessage
    this.port.on("message", (message) => {
      if (message !== wakeUp) this.early.push(message)
      this.turns.woken()
    })
    this.turns.woken()
  }

  claim(id: number): boolean {
    if (!this.shared.claims.claim(id % this.slots, id)) return false
    this.turns.running++
    return true
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then, and nothing moved. */
  send(message: FromWorker, transfer?: TransferList): void {
    if (transfer !== undefined || !this.sendByRing(message)) {
      this.port.postMessage(message, transfer ?? [])
      this.posts++
    } else if (this.program.wake()) this.port.postMessage(wakeUp)
    if (message.kind === "settled") this.turns.running--
  }

  private sendByRing(message: FromWorker): boolean {
    const { writer } = this.shared
    if (this.announced !== this.posts && !this.announce()) return false
    if (!writer.reserve(maxRingMessage)) return false
    const { start } = writer
    const end = this.encoder.encode(message, writer.bytes, writer.view, start, start + maxRingMessage)
    if (end < 0) return false
    writer.publish(end - start)
    return true
  }

  /** What was posted comes before what the ring is given next. A message by the port needs no such word: see `ThreadLink`. */
  private announce(): boolean {
    const { writer } = this.shared
    if (!writer.reserve(elsewhereBytes)) return false
    const { start } = writer
    writer.publish(this.encoder.encodeElsewhere(this.posts - this.announced, writer.view, start) - start)
    this.announced = this.posts
    return true
  }

  /** Answers whether there was anything. */
  private drain(): boolean {
    const { reader } = this.shared
    let count = 0
    while (count < slice && reader.next()) {
      count++
      const message = this.decoder.decode(reader.bytes, reader.view, reader.start, reader.end)
      reader.release()
      if (message.kind === "elsewhere") for (let left = message.count; left > 0; left--) this.onMessage(this.posted())
      else this.onMessage(message as ToWorker)
    }
    return count > 0
  }

  private posted(): ToWorker {
    for (;;) {
      const early = this.early.shift()
      if (early !== undefined) return early
      const received = receiveMessageOnPort(this.port)
      if (received === undefined) throw new Error("A message was announced that has not been posted")
      if (received.message !== wakeUp) return received.message
    }
  }
}
