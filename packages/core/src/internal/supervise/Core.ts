/**
 * What the parts of one supervisor share: its children in the order in which they start, its mailbox, and how it ends.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import type { SupervisorError } from "../../Supervisor.ts"
import { wallClock } from "../context/wallClock.ts"
import { EventStream } from "../EventStream.ts"
import type { ChildRecord } from "./ChildRecord.ts"
import type { ChildRun } from "./ChildRun.ts"
import type { ChildStuck } from "./errors.ts"
import type { SupervisorEvent } from "./events.ts"
import type { PendingRestart } from "./PendingRestart.ts"
import { RestartWindow } from "./RestartWindow.ts"
import type { Request } from "./requests.ts"
import type { Settings } from "./spec.ts"

/** What the loop of a supervisor is told, one thing at a time. */
export type Message =
  | {
      readonly kind: "ended"
      readonly record: ChildRecord
      readonly run: ChildRun
      readonly exit: Exit.Exit<unknown, unknown>
    }
  | {
      readonly kind: "unhealthy"
      readonly record: ChildRecord
      readonly run: ChildRun
      readonly failures: number
      readonly cause: Cause.Cause<unknown>
    }
  | { readonly kind: "due"; readonly restart: PendingRestart }
  | { readonly kind: "request"; readonly request: Request }

export interface CoreOptions extends Settings {
  /** Its children are all alike: each is forgotten when it has ended, and they are stopped all at once. */
  readonly dynamic: boolean
  readonly maxChildren: number
}

export class Core {
  readonly options: CoreOptions
  /** The services of whoever made it. */
  readonly services: Context.Context<never>
  /** By id, in the order in which they start: a map keeps the order of its entries. */
  private readonly byId = new Map<string, ChildRecord>()
  readonly window: RestartWindow
  readonly requests = new Set<Request>()
  readonly events: EventStream<SupervisorEvent>
  /** Set in the step in which its end begins; the first one counts. */
  ending: Exit.Exit<void, SupervisorError> | undefined
  readonly ended = Deferred.makeUnsafe<void, SupervisorError>()
  readonly mailbox: Queue.Queue<Message>
  loop: Fiber.Fiber<void> | undefined
  closing: Fiber.Fiber<void> | undefined
  /** What did not end when the supervisor did. */
  readonly leftBehind: Array<ChildStuck> = []
  /** How many wait to hear of its end, and whether any has heard. */
  joining = 0
  heard = false

  private constructor(options: CoreOptions, services: Context.Context<never>, mailbox: Queue.Queue<Message>) {
    this.options = options
    this.services = services
    this.mailbox = mailbox
    this.window = new RestartWindow(options.restarts, options.within)
    this.events = new EventStream<SupervisorEvent>(() => this.children.flatMap(presenceOf))
  }

  static make(options: CoreOptions, services: Context.Context<never>): Effect.Effect<Core> {
    // Bounded by what there is to tell: an end of each child, a call of each caller.
    return Effect.map(Queue.unbounded<Message>(), (mailbox) => new Core(options, services, mailbox))
  }

  get name(): string {
    return this.options.name
  }

  get size(): number {
    return this.byId.size
  }

  /** In order; a list of its own, since children come and go while it is gone through. */
  get children(): ReadonlyArray<ChildRecord> {
    return Array.from(this.byId.values())
  }

  find(id: string): ChildRecord | undefined {
    return this.byId.get(id)
  }

  add(record: ChildRecord): void {
    this.byId.set(record.id, record)
  }

  tell(message: Message): void {
    Queue.offerUnsafe(this.mailbox, message)
  }

  /** An event is made only if somebody listens. */
  report(event: (at: number) => SupervisorEvent): void {
    if (this.events.isListening) this.events.publish(event(wallClock()))
  }

  /** A child that has ended for good leaves no trace, unless it can be started again by its id. */
  forget(record: ChildRecord): void {
    if (!this.options.dynamic && record.spec.restart !== "temporary") return
    this.remove(record)
  }

  remove(record: ChildRecord): void {
    this.byId.delete(record.id)
  }
}

const presenceOf = ({ id, restarts, status }: ChildRecord): ReadonlyArray<SupervisorEvent> =>
  status === "running" ? [{ _tag: "ChildReady", at: wallClock(), child: id, restarts, millis: 0 }] : []
