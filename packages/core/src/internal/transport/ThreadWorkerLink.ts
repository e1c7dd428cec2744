/**
 * A worker thread's end of its link: rings in shared memory, and a port. It waits as `Turns.ts` has it.
 *
 * @internal
 */
import type { MessagePort } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { Parking } from "../shared/parking.ts"
import { OrderedLink, ringsInMemory } from "./OrderedLink.ts"
import type { FromWorker, ToWorker } from "./Transport.ts"
import { Turns } from "./Turns.ts"
import { nextPosted, wakeUp, workerSide } from "./threadMemory.ts"

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
  private readonly link: OrderedLink<ToWorker, FromWorker>
  private readonly turns: Turns
  private onMessage: (message: ToWorker) => void = () => {}

  /** `program` is where the program sleeps. */
  constructor(port: MessagePort, memory: SharedArrayBuffer, slots: number, program: SharedArrayBuffer) {
    this.port = port
    this.slots = slots
    this.shared = workerSide(memory, slots)
    this.program = new Parking(program, 0)
    const { parking, reader, writer } = this.shared
    const posts = {
      post: (message: FromWorker, transfer: TransferList | undefined) => port.postMessage(message, transfer ?? []),
      receive: () => nextPosted<ToWorker>(port)
    }
    const broken = (cause: unknown): never => {
      throw cause
    }
    this.link = new OrderedLink(
      ringsInMemory(writer, reader),
      posts,
      (message: ToWorker) => this.onMessage(message),
      broken
    )
    const hasWork = () => this.link.hasWork()
    this.turns = new Turns({
      drain: () => this.link.drain(slice) > 0,
      hasWork,
      block: () => parking.block(hasWork, longestBlock),
      sleep: () => parking.sleep(hasWork),
      longestLook,
      looksAtOnce,
      ownResources
    })
  }

  listen(onMessage: (message: ToWorker) => void): void {
    this.onMessage = onMessage
    this.port.on("message", (message) => {
      if (message !== wakeUp) this.link.posted(message)
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
    // What is posted wakes the program by itself.
    if (this.link.send(message, transfer) && this.program.wake()) this.port.postMessage(wakeUp)
    if (message.kind === "settled") this.turns.running--
  }
}
