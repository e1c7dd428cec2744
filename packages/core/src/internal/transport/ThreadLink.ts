/**
 * The program's end of the link to one worker thread: rings in shared memory, and a port.
 *
 * @internal
 */
import type { MessagePort } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { OrderedLink, ringsInMemory } from "./OrderedLink.ts"
import * as Poller from "./Poller.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { nextPosted, parentSide, wakeUp } from "./threadMemory.ts"

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 256

export class ThreadLink implements Poller.Inlet {
  private readonly port: MessagePort
  private readonly slots: number
  private readonly shared: ReturnType<typeof parentSide>
  private readonly link: OrderedLink<FromWorker, ToWorker>
  /** Tasks that the worker was offered, and of which it has not said its last word. */
  private unanswered = 0

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
    const { reader, writer } = this.shared
    const posts = {
      post: (message: ToWorker, transfer: TransferList | undefined) => port.postMessage(message, transfer ?? []),
      receive: () => nextPosted<FromWorker>(port)
    }
    const heard = (message: FromWorker) => {
      // What a worker posts may be anything.
      const kind = (message as FromWorker | null | undefined)?.kind
      if (kind === "settled" || kind === "dropped") this.unanswered--
      onMessage(message)
    }
    const broken = (cause: unknown) => {
      Poller.remove(this)
      onBroken(cause)
    }
    this.link = new OrderedLink(ringsInMemory(writer, reader), posts, heard, broken)
    port.on("message", (message) => {
      if (message !== wakeUp) {
        this.link.posted(message)
        this.link.drain(slice)
      }
      Poller.woken()
    })
    port.on("messageerror", (cause) => this.link.break(cause))
    Poller.add(this)
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then, and nothing moved. */
  send(message: ToWorker, transfer?: TransferList): void {
    // A worker that blocks hears of its ring alone.
    if (!this.link.send(message, transfer)) this.link.announce()
    if (message.kind === "run") this.unanswered++
    this.wake()
    Poller.expectAnswer()
  }

  revoke(id: number): boolean {
    return this.shared.claims.revoke(id % this.slots, id)
  }

  hasStarted(id: number): boolean {
    return this.shared.claims.isClaimed(id % this.slots, id)
  }

  get isEmpty(): boolean {
    return !this.link.hasWork() && this.link.isAnnounced
  }

  get isBusy(): boolean {
    return this.unanswered > 0
  }

  drain(): void {
    this.link.drain(slice)
    if (!this.link.isAnnounced && this.link.announce()) this.wake()
  }

  /** The worker has ended: takes all that it has left behind. */
  close(): void {
    this.link.drain(Number.POSITIVE_INFINITY)
    for (let last = nextPosted<FromWorker>(this.port); last !== undefined; last = nextPosted(this.port)) {
      this.link.posted(last)
      this.link.drain(Number.POSITIVE_INFINITY)
    }
    Poller.remove(this)
    this.port.close()
    // It may have been about to wake this thread, for itself or in the place of others.
    Poller.woken()
  }

  private wake(): void {
    if (this.shared.parking.wake()) this.port.postMessage(wakeUp)
  }
}
