/**
 * The program's end of the link to one worker process: what `ThreadLink.ts` is to a thread.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import type { FrameWriter } from "./frames.ts"
import * as Poller from "./Poller.ts"
import { RingLink } from "./RingLink.ts"
import type { RingFile } from "./ringFile.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 256

export class ProcessLink implements Poller.Inlet {
  private readonly file: RingFile | undefined
  private readonly link: RingLink<FromWorker, ToWorker>
  /** Tasks that the worker was offered, and of which it has not said its last word. */
  private unanswered = 0
  private flushing = false
  private closed = false

  /** `onBroken`: what the worker has written can't be read. Nothing is read after it. */
  constructor(
    file: RingFile | undefined,
    frames: FrameWriter,
    onMessage: (message: FromWorker) => void,
    onBroken: (cause: unknown) => void
  ) {
    this.file = file
    const socket = {
      post: (message: ToWorker, transfer: TransferList | undefined) => frames.write(message, transfer),
      wake: () => frames.writeWake()
    }
    const heard = (message: FromWorker) => {
      // What a worker posts may be anything.
      const kind = (message as FromWorker | null | undefined)?.kind
      if (kind === "settled" || kind === "dropped") this.unanswered--
      onMessage(message)
    }
    this.link = new RingLink(file, socket, heard, onBroken)
    if (file === undefined) return
    // Nobody looks for what the worker says first.
    this.link.sleep()
    Poller.add(this)
  }

  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. */
  send(message: ToWorker, transfer?: TransferList): void {
    if (this.closed) return
    this.link.send(message, transfer)
    if (message.kind === "run") this.unanswered++
    if (this.file === undefined) return
    this.link.woken()
    Poller.expectAnswer()
    if (this.flushing) return
    this.flushing = true
    queueMicrotask(() => {
      this.flushing = false
      if (!this.closed) this.link.flush()
    })
  }

  /** A message has come by the socket. */
  posted(message: FromWorker): void {
    this.link.posted(message)
    if (this.file !== undefined) Poller.woken()
  }

  /** The worker says that there is something in the ring. */
  woken(): void {
    this.link.woken()
    Poller.woken()
  }

  get isEmpty(): boolean {
    return !this.link.hasWork()
  }

  get isBusy(): boolean {
    return this.unanswered > 0
  }

  drain(): void {
    this.link.drain(slice)
  }

  sleep(): void {
    this.link.sleep()
  }

  /** The worker has ended, and its socket has been read: takes all that it has left behind. */
  close(): void {
    if (this.closed) return
    this.link.drain(Number.POSITIVE_INFINITY)
    this.closed = true
    Poller.remove(this)
    this.file?.close()
  }
}
