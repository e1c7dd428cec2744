/**
 * One end of the link between a program and a worker process: rings in a file, and a socket. Who sleeps is woken by the socket.
 *
 * Where there is no such file, all go by the socket.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import { OrderedLink } from "./OrderedLink.ts"
import type { RingFile } from "./ringFile.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"

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
  private readonly link: OrderedLink<In, Out> | undefined

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
    if (file === undefined) return
    const post = (message: Out, transfer: TransferList | undefined) => {
      // What was sent before it must be there before it.
      file.flush()
      socket.post(message, transfer)
    }
    this.link = new OrderedLink(file, { post }, onMessage, onBroken)
  }

  /** It may stay here until `flush`. Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. */
  send(message: Out, transfer?: TransferList): void {
    if (this.link === undefined) this.socket.post(message, transfer)
    else this.link.send(message, transfer)
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
    if (this.link === undefined) this.onMessage(message)
    else this.link.posted(message)
  }

  /** The other side says that there is something in the ring. */
  woken(): void {
    this.file?.awake()
  }

  /** From now on it has to be woken, unless there is a message: then it answers false. */
  sleep(): boolean {
    const { file, link } = this
    // Who waits for the socket is woken by it.
    if (file === undefined || link === undefined || link.awaitsPost) return true
    return !link.hasPosted && file.sleep()
  }

  /** Whether there is a message to take. */
  hasWork(): boolean {
    return this.link?.hasWork() ?? false
  }

  /** Takes so many messages at most, and answers how many there were. */
  drain(most: number): number {
    return this.link?.drain(most) ?? 0
  }
}
