/**
 * A worker thread's end of its link. It takes what is in its ring, and when there is nothing it goes to sleep in steps: it
 * looks for a moment, then blocks its thread for about a millisecond, and then sleeps in its event loop, until it is woken.
 * The first two are quick to leave, and freeze whatever else goes on in the thread; so they are left out while a task runs
 * or anything else asynchronous is alive.
 *
 * @internal
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { Parking } from "../shared/parking.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import { Patience } from "./Patience.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { elsewhereBytes, maxRingMessage, wakeUp, workerSide } from "./threadMemory.ts"

/** Milliseconds that the thread looks for a task, over and over. */
const longestLook = 0.05

/** Milliseconds that it blocks. */
const longestBlock = 1

/** What the thread has alive when it has nothing to do: its port. */
const ownResources = 1

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 1024

/** Looks between two glances at the clock. */
const looksAtOnce = 64

export class ThreadWorkerLink {
  private readonly port: MessagePort
  private readonly slots: number
  private readonly shared: ReturnType<typeof workerSide>
  private readonly program: Parking
  private readonly encoder = new MessageEncoder()
  private readonly decoder = new MessageDecoder()
  private readonly patience = new Patience(longestLook)
  private readonly hasWork: () => boolean
  private onMessage: (message: ToWorker) => void = () => {}
  /** How many messages were posted, and how many of them the ring has told of. */
  private posts = 0
  private announced = 0
  /** Posted messages that came before the ring announced them. */
  private readonly early: Array<ToWorker> = []
  /** Tasks that were claimed and have not been answered. */
  private running = 0
  private scheduled = false

  /** `program` is where the program sleeps. */
  constructor(port: MessagePort, memory: SharedArrayBuffer, slots: number, program: SharedArrayBuffer) {
    this.port = port
    this.slots = slots
    this.shared = workerSide(memory, slots)
    this.program = new Parking(program, 0)
    this.hasWork = () => !this.shared.reader.isEmpty
  }

  listen(onMessage: (message: ToWorker) => void): void {
    this.onMessage = onMessage
    this.port.on("message", (message) => {
      if (message !== wakeUp) this.early.push(message)
      this.turnSoon()
    })
    this.turnSoon()
  }

  claim(id: number): boolean {
    if (!this.shared.claims.claim(id % this.slots, id)) return false
    this.running++
    return true
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then, and nothing moved. */
  send(message: FromWorker, transfer?: TransferList): void {
    if (transfer !== undefined || !this.sendByRing(message)) {
      this.port.postMessage(message, transfer ?? [])
      this.posts++
    } else if (this.program.wake()) this.port.postMessage(wakeUp)
    if (message.kind === "settled") this.running--
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

  private turnSoon(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    this.scheduled = false
    for (;;) {
      // The event loop has a turn after each slice: a task may have left something to it.
      if (this.drain()) return this.turnSoon()
      if (!this.isQuiet() || !this.wait()) break
    }
    if (!this.shared.parking.sleep(this.hasWork)) this.turnSoon()
  }

  private isQuiet(): boolean {
    return this.running === 0 && process.getActiveResourcesInfo().length <= ownResources
  }

  /** Answers whether there is something to do. */
  private wait(): boolean {
    const since = performance.now()
    if (this.look(since)) {
      this.patience.rewarded()
      return true
    }
    this.patience.disappointed()
    const came = this.shared.parking.block(this.hasWork, longestBlock)
    if (came) this.patience.missed(performance.now() - since)
    return came
  }

  private look(since: number): boolean {
    const until = since + this.patience.millis
    do {
      for (let looks = 0; looks < looksAtOnce; looks++) if (this.hasWork()) return true
    } while (performance.now() < until)
    return false
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
