/**
 * One end of the link between a program and a worker: small plain messages go through a ring in each direction, all others are
 * posted, on a port or a socket, and arrive in the order in which they were sent. In the place of one that is posted, the
 * ring says so before it is given the next; and whoever comes by what was posted first reads all that is in the ring before it.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import type { RingReader, RingWriter } from "../shared/ring.ts"
import { MessageDecoder, MessageEncoder } from "./MessageFormat.ts"
import { elsewhereBytes, maxRingMessage } from "./ringSizes.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"

/** The ring of each direction, wherever it is. */
export interface Rings {
  readonly writer: RingWriter
  readonly reader: RingReader
  /** Finds room for so many bytes. Throws when the other side has scribbled over the ring. */
  readonly reserve: (bytes: number) => boolean
  /** Whether there is an entry. */
  readonly look: () => boolean
  /** To be called now and then while entries are released. */
  readonly tellRead: () => void
  /** So many looks in a row could not tell whether there is an entry. */
  readonly tornLooks: number
}

/** Rings in shared memory. */
export const ringsInMemory = (writer: RingWriter, reader: RingReader): Rings => ({
  writer,
  reader,
  reserve: (bytes) => writer.reserve(bytes),
  look: () => !reader.isEmpty,
  tellRead: () => {},
  tornLooks: 0
})

/** The other way. */
export interface Posts<In, Out> {
  /** Throws a `DataCloneError` when the message can't be cloned; nothing is sent then, and nothing moved. */
  readonly post: (message: Out, transfer: TransferList | undefined) => void
  /** A message that has arrived and was not handed to `posted`. Absent where messages only come by themselves. */
  readonly receive?: () => In | undefined
}

/** To tell where a side is takes less than one look, unless the machine has other things to do. So many are milliseconds. */
const mostTornLooks = 10_000

export class OrderedLink<In extends ToWorker | FromWorker, Out extends ToWorker | FromWorker> {
  private readonly rings: Rings
  private readonly posts: Posts<In, Out>
  private readonly onMessage: (message: In) => void
  private readonly onBroken: (cause: unknown) => void
  private readonly encoder = new MessageEncoder()
  private readonly decoder = new MessageDecoder()
  /** Messages that were posted, and that the ring has not told of. */
  private unannounced = 0
  /** Messages that came by post, and what was in the ring before them has not been read. */
  private readonly early: Array<In> = []
  /** So many are to come by post before the ring is read on. */
  private awaited = 0
  /** How many came by post before the ring told of them. */
  private ahead = 0
  private broken = false

  /** `onBroken`: what the other side has written can't be read. Nothing is read after it. */
  constructor(
    rings: Rings,
    posts: Posts<In, Out>,
    onMessage: (message: In) => void,
    onBroken: (cause: unknown) => void
  ) {
    this.rings = rings
    this.posts = posts
    this.onMessage = onMessage
    this.onBroken = onBroken
  }

  /** Answers whether it is in the ring; if not, it was posted. Throws a `DataCloneError`, as `Posts.post` does. */
  send(message: Out, transfer?: TransferList): boolean {
    if (transfer === undefined && this.write(message)) return true
    this.posts.post(message, transfer)
    this.unannounced++
    return false
  }

  /** Whether the ring tells of all that was posted. */
  get isAnnounced(): boolean {
    return this.unannounced === 0
  }

  /** Has the ring tell of what was posted, if there is room: it is before what the ring is given next. */
  announce(): boolean {
    if (this.unannounced === 0) return true
    if (this.broken || !this.reserve(elsewhereBytes)) return false
    const { writer } = this.rings
    writer.publish(this.encoder.encodeElsewhere(this.unannounced, writer.view, writer.start) - writer.start)
    this.unannounced = 0
    return true
  }

  /** A message has come by post. */
  posted(message: In): void {
    if (!this.broken) this.early.push(message)
  }

  /** Whether there are messages that came by post and were not taken. */
  get hasPosted(): boolean {
    return this.early.length > 0
  }

  /** Whether nothing can be taken before more has come by post. */
  get awaitsPost(): boolean {
    return this.awaited > 0 && !this.hasPosted
  }

  /** Whether there is a message to take. */
  hasWork(): boolean {
    if (this.broken) return false
    return this.hasPosted || (this.awaited === 0 && this.rings.look())
  }

  /** Takes so many messages at most, and answers how many there were. */
  drain(most: number): number {
    let count = 0
    while (count < most && !this.broken && this.takeNext()) count++
    this.rings.tellRead()
    return count
  }

  /** What the other side says can't be right. */
  break(cause: unknown): void {
    if (this.broken) return
    this.broken = true
    this.onBroken(cause)
  }

  private takeNext(): boolean {
    while (this.awaited === 0) {
      const message = this.read()
      if (this.broken) return false
      if (message === undefined) return this.takeEarly()
      if (message.kind !== "elsewhere") {
        this.onMessage(message as In)
        return true
      }
      if (message.count === 0) {
        // Over and over, that would never let go of the event loop.
        this.break(new Error("No messages were announced"))
        return false
      }
      const known = Math.min(this.ahead, message.count)
      this.ahead -= known
      this.awaited = message.count - known
    }
    const message = this.early.shift() ?? this.receive()
    if (message === undefined) return false
    this.awaited--
    this.onMessage(message)
    return true
  }

  /** It was posted before it was announced. */
  private receive(): In | undefined {
    const { receive } = this.posts
    if (receive === undefined) return undefined
    const message = receive()
    if (message === undefined) this.break(new Error("A message was announced that has not been posted"))
    return message
  }

  /** Nothing is before it, once the ring is empty; whether it is, a torn look can't tell. */
  private takeEarly(): boolean {
    const { tornLooks } = this.rings
    if (tornLooks > mostTornLooks) this.break(new Error("the ring is broken: its writer does not say where it is"))
    if (tornLooks > 0) return false
    const message = this.early.shift()
    if (message === undefined) return false
    this.ahead++
    this.onMessage(message)
    return true
  }

  /** What is next in the ring. */
  private read() {
    const { rings } = this
    const { reader } = rings
    try {
      if (!reader.next() && !(rings.look() && reader.next())) return undefined
      const message = this.decoder.decode(reader.bytes, reader.view, reader.start, reader.end)
      reader.release()
      return message
    } catch (cause) {
      this.break(cause)
      return undefined
    }
  }

  private write(message: Out): boolean {
    if (this.broken || !this.announce() || !this.reserve(maxRingMessage)) return false
    const { writer } = this.rings
    const { start } = writer
    const end = this.encoder.encode(message, writer.bytes, writer.view, start, start + maxRingMessage)
    if (end < 0) return false
    writer.publish(end - start)
    return true
  }

  /** How far the other side has read, it may say as it likes. */
  private reserve(bytes: number): boolean {
    try {
      return this.rings.reserve(bytes)
    } catch (cause) {
      this.break(cause)
      return false
    }
  }
}
