/**
 * The program's end of the link to one worker thread. Small plain messages go through a ring in shared memory, all others
 * by a port, in the order in which they were sent: in the place of one that goes by the port, the ring says so.
 *
 * @internal
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import * as Poller from "./Poller.ts"
import { elsewhereBytes, maxRingMessage } from "./ringSizes.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { parentSide, wakeUp } from "./threadMemory.ts"

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 256

export class ThreadLink implements Poller.Inlet {
  private readonly port: MessagePort
  private readonly slots: number
  private readonly shared: ReturnType<typeof parentSide>
  private readonly encoder = new MessageEncoder()
  private readonly decoder = new MessageDecoder()
  private readonly onMessage: (message: FromWorker) => void
  private readonly onBroken: (cause: unknown) => void
  /** Messages that were posted and that the ring has had no room to announce. */
  private unannounced = 0
  /** Messages that the worker posted, and what was in the ring before them has not been read. */
  private readonly early: Array<FromWorker> = []
  /** Tasks that the worker was offered, and of which it has not said its last word. */
  private unanswered = 0
  /** How many were taken from the port before the ring told of them. */
  private ahead = 0
  /** The worker has scribbled over the shared memory. */
  private broken = false

  /** `onBroken`: what the worker has written can't be read. Nothing is read after it. */
  constructor(
    port: MessagePort,
    memory: SharedArrayBuffer,
    slots: number,
    onMessage: (message: FromWorker) => void,
    onBroken: (cause: unknown) => void
  ) {
    this.port = port
    this.slots = slots
    this.shared = parentSide(memory, slots)
    this.onMessage = (message) => {
      // What a worker posts may be anything.
      const kind = (message as FromWorker | null | undefined)?.kind
      if (kind === "settled" || kind === "dropped") this.unanswered--
      onMessage(message)
    }
    this.onBroken = onBroken
    port.on("message", (message) => {
      if (message !== wakeUp && !this.broken) this.posted(message)
      Poller.woken()
    })
    port.on("messageerror", (cause) => this.break(cause))
    Poller.add(this)
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then, and nothing moved. */
  send(message: ToWorker, transfer?: TransferList): void {
    if (transfer !== undefined || !this.sendByRing(message)) {
      this.port.postMessage(message, transfer ?? [])
      this.unannounced++
      this.announce()
    }
    if (message.kind === "run") this.unanswered++
    if (this.shared.parking.wake()) this.port.postMessage(wakeUp)
    Poller.expectAnswer()
  }

  revoke(id: number): boolean {
    return this.shared.claims.revoke(id % this.slots, id)
  }

  hasStarted(id: number): boolean {
    return this.shared.claims.isClaimed(id % this.slots, id)
  }

  get isEmpty(): boolean {
    return this.shared.reader.isEmpty && this.unannounced === 0
  }

  get isBusy(): boolean {
    return this.unanswered > 0
  }

  drain(): void {
    this.read(slice)
    this.takeEarly()
    if (this.unannounced === 0) return
    this.announce()
    if (this.shared.parking.wake()) this.port.postMessage(wakeUp)
  }

  /** The worker has ended: takes all that it has left behind. */
  close(): void {
    this.read(Number.POSITIVE_INFINITY)
    while (!this.broken) {
      const last = this.nextPosted()
      if (last === undefined) break
      this.onMessage(last)
    }
    Poller.remove(this)
    this.port.close()
    // It may have been about to wake this thread, for itself or in the place of others.
    Poller.woken()
  }

  private sendByRing(message: ToWorker): boolean {
    const { writer } = this.shared
    if (this.unannounced > 0 || !this.reserve(maxRingMessage)) return false
    const { start } = writer
    const end = this.encoder.encode(message, writer.bytes, writer.view, start, start + maxRingMessage)
    if (end < 0) return false
    writer.publish(end - start)
    return true
  }

  private announce(): void {
    const { writer } = this.shared
    if (!this.reserve(elsewhereBytes)) return
    const { start } = writer
    writer.publish(this.encoder.encodeElsewhere(this.unannounced, writer.view, start) - start)
    this.unannounced = 0
  }

  /**
   * A message by the port. All that the worker wrote into the ring before it posted this is there by now; and if it has
   * written more since, the ring tells of this message before that.
   */
  private posted(message: FromWorker): void {
    this.early.push(message)
    this.read(slice)
    this.takeEarly()
  }

  /** Nothing is before them once the ring is empty. */
  private takeEarly(): void {
    if (this.broken || this.early.length === 0 || !this.shared.reader.isEmpty) return
    for (const message of this.early.splice(0)) {
      this.ahead++
      this.onMessage(message)
    }
  }

  private nextPosted(): FromWorker | undefined {
    if (this.early.length > 0) return this.early.shift()
    for (;;) {
      const received = receiveMessageOnPort(this.port)
      if (received === undefined || received.message !== wakeUp) return received?.message
    }
  }

  /** The ring says that so many messages were posted before this place in it. */
  private takePosted(count: number): void {
    for (let left = count; left > 0 && !this.broken; left--) {
      if (this.ahead > 0) {
        this.ahead--
        continue
      }
      const message = this.nextPosted()
      if (message === undefined) return this.break(new Error("A message was announced that has not been posted"))
      this.onMessage(message)
    }
  }

  /** The reader's position is the worker's to write: it may be anything. */
  private reserve(bytes: number): boolean {
    try {
      return this.shared.writer.reserve(bytes)
    } catch (cause) {
      this.break(cause)
      return false
    }
  }

  private read(most: number): void {
    for (let count = 0; count < most && !this.broken; count++) {
      const message = this.next()
      if (message === undefined) return
      if (message.kind === "elsewhere") this.takePosted(message.count)
      else this.onMessage(message as FromWorker)
    }
  }

  private next(): ReturnType<MessageDecoder["decode"]> | undefined {
    const { reader } = this.shared
    try {
      if (!reader.next()) return undefined
      const message = this.decoder.decode(reader.bytes, reader.view, reader.start, reader.end)
      reader.release()
      return message
    } catch (cause) {
      this.break(cause)
      return undefined
    }
  }

  private break(cause: unknown): void {
    if (this.broken) return
    this.broken = true
    Poller.remove(this)
    this.onBroken(cause)
  }
}
