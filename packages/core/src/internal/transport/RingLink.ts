/**
 * One end of the link between a program and a worker process: small plain messages go through the rings of a file, all others
 * by a socket, in the order in which they were sent. In the place of one that goes by the socket, the ring says so before it is
 * given the next; and whoever hears a socket's message first reads all that is in the ring before it.
 *
 * Where there is no such file, all go by the socket.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import type { RingFile } from "./ringFile.ts"
import { elsewhereBytes, maxRingMessage } from "./ringSizes.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"

/** To tell where a side is takes less than one look, unless the machine has other things to do. So many are milliseconds. */
const mostTornLooks = 10_000

export interface Socket<Out> {
  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. */
  readonly post: (message: Out, transfer: TransferList | undefined) => void
  /** Wakes the other side, which finds the rest in the ring. */
  readonly wake: () => void
}

export class RingLink<In extends ToWorker | FromWorker, Out extends ToWorker | FromWorker> {
  private readonly file: RingFile | undefined
  private readonly socket: Socket<Out>
  private readonly onMessage: (message: In) => void
  private readonly onBroken: (cause: unknown) => void
  private readonly encoder = new MessageEncoder()
  private readonly decoder = new MessageDecoder()
  /** Messages that went by the socket, and that the ring has not told of. */
  private unannounced = 0
  /** Messages that came by the socket, and what was in the ring before them has not been read. */
  private readonly early: Array<In> = []
  /** So many are to come by the socket before the ring is read on. */
  private awaited = 0
  /** How many came by the socket before the ring told of them. */
  private ahead = 0
  /** The other side has scribbled over the file. */
  private broken = false

  /** `onBroken`: what the other side has written can't be read. Nothing is read after it. */
  constructor(
    file: RingFile | undefined,
    socket: Socket<Out>,
    onMessage: (message: In) => void,
    onBroken: (cause: unknown) => void
  ) {
    this.file = file
    this.socket = socket
    this.onMessage = onMessage
    this.onBroken = onBroken
  }

  /** It may stay here until `flush`. Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. */
  send(message: Out, transfer?: TransferList): void {
    if (transfer === undefined && this.sendByRing(message)) return
    // What was sent before it must be there before it.
    this.file?.flush()
    this.socket.post(message, transfer)
    this.unannounced++
  }

  /** The other side sees all that was sent, and is awake. */
  flush(): void {
    const { file } = this
    if (file === undefined) return
    file.flush()
    if (file.mustWake()) this.socket.wake()
  }

  /** A message has come by the socket. */
  posted(message: In): void {
    if (this.file === undefined) return this.onMessage(message)
    this.early.push(message)
  }

  /** The other side says that there is something in the ring. */
  woken(): void {
    this.file?.awake()
  }

  /** From now on it has to be woken, unless there is a message: then it answers false. */
  sleep(): boolean {
    // Who waits for the socket is woken by it.
    if (this.file === undefined || this.awaited > 0) return this.early.length === 0
    return this.file.sleep() && this.early.length === 0
  }

  /** Whether there is a message to take. */
  hasWork(): boolean {
    const { file } = this
    if (file === undefined || this.broken) return false
    if (this.awaited > 0) return this.early.length > 0
    return this.early.length > 0 || file.look()
  }

  /** Takes so many messages at most, and answers how many there were. */
  drain(most: number): number {
    const { file } = this
    if (file === undefined) return 0
    let count = 0
    while (count < most && !this.broken && this.takeNext(file)) count++
    file.tellRead()
    return count
  }

  private takeNext(file: RingFile): boolean {
    while (this.awaited === 0) {
      const message = this.read(file)
      if (this.broken) return false
      if (message === undefined) return this.takeEarly(file)
      if (message.kind !== "elsewhere") {
        this.onMessage(message as In)
        return true
      }
      const known = Math.min(this.ahead, message.count)
      this.ahead -= known
      this.awaited = message.count - known
    }
    const message = this.early.shift()
    if (message === undefined) return false
    this.awaited--
    this.onMessage(message)
    return true
  }

  /** Nothing is before it, once the ring is empty; whether it is, a torn look can't tell. */
  private takeEarly({ tornLooks }: RingFile): boolean {
    if (tornLooks > mostTornLooks) this.break(new Error("the ring is broken: its writer does not say where it is"))
    if (tornLooks > 0) return false
    const message = this.early.shift()
    if (message === undefined) return false
    this.ahead++
    this.onMessage(message)
    return true
  }

  /** What is next in the ring. */
  private read(file: RingFile) {
    const { reader } = file
    try {
      if (!reader.next() && !(file.look() && reader.next())) return undefined
      const message = this.decoder.decode(reader.bytes, reader.view, reader.start, reader.end)
      reader.release()
      return message
    } catch (cause) {
      this.break(cause)
      return undefined
    }
  }

  private break(cause: unknown): void {
    this.broken = true
    this.onBroken(cause)
  }

  private sendByRing(message: Out): boolean {
    const { file } = this
    if (file === undefined || this.broken || !this.announce(file) || !this.reserve(file, maxRingMessage)) return false
    const { bytes, start, view } = file.writer
    const end = this.encoder.encode(message, bytes, view, start, start + maxRingMessage)
    if (end < 0) return false
    file.writer.publish(end - start)
    return true
  }

  /** What went by the socket is before what the ring is given next. */
  private announce(file: RingFile): boolean {
    if (this.unannounced === 0) return true
    if (!this.reserve(file, elsewhereBytes)) return false
    const { start, view } = file.writer
    file.writer.publish(this.encoder.encodeElsewhere(this.unannounced, view, start) - start)
    this.unannounced = 0
    return true
  }

  /** How far the other side has read, it may say as it likes. */
  private reserve(file: RingFile, bytes: number): boolean {
    try {
      return file.reserve(bytes)
    } catch (cause) {
      this.break(cause)
      return false
    }
  }
}
