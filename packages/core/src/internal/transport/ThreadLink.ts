/**
 * The program's end of the link to one worker thread. Small plain messages go through a ring in shared memory, all others
 * by a port, in the order in which they were sent: in the place of one that goes by the port, the ring says so.
 *
 * @internal
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import * as Poller from "./Poller.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { elsewhereBytes, maxRingMessage, parentSide, wakeUp } from "./threadMemory.ts"

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
  /** How many were taken from the port before the ring told of them. */
  private ahead = 0

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
    this.onMessage = onMessage
    this.onBroken = onBroken
    port.on("message", (message) => {
      if (message !== wakeUp) this.posted(message)
      Poller.woken()
    })
    Poller.add(this)
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. */
  send(message: ToWorker): void {
    if (!this.sendByRing(message)) {
      this.port.postMessage(message)
      this.unannounced++
      this.announce()
    }
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
    for (let last = this.nextPosted(); last !== undefined; last = this.nextPosted()) this.onMessage(last)
    Poller.remove(this)
    this.port.close()
    // It may have been about to wake this thread, for itself or in the place of others.
    Poller.woken()
  }

  private sendByRing(message: ToWorker): boolean {
    const { writer } = this.shared
    if (this.unannounced > 0 || !writer.reserve(maxRingMessage)) return false
    const { start } = writer
    const end = this.encoder.encode(message, writer.bytes, writer.view, start, start + maxRingMessage)
    if (end < 0) return false
    writer.publish(end - start)
    return true
  }

  private announce(): void {
    const { writer } = this.shared
    if (!writer.reserve(elsewhereBytes)) return
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
    if (this.early.length === 0 || !this.shared.reader.isEmpty) return
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
    for (let left = count; left > 0; left--) {
      if (this.ahead > 0) {
        this.ahead--
        continue
      }
      const message = this.nextPosted()
      if (message === undefined) throw new Error("A message was announced that has not been posted")
      this.onMessage(message)
    }
  }

  private read(most: number): void {
    const { reader } = this.shared
    try {
      for (let count = 0; count < most && reader.next(); count++) {
        const message = this.decoder.decode(reader.bytes, reader.view, reader.start)
        reader.release()
        if (message.kind === "elsewhere") this.takePosted(message.count)
        else this.onMessage(message as FromWorker)
      }
    } catch (cause) {
      Poller.remove(this)
      this.onBroken(cause)
    }
  }
}
