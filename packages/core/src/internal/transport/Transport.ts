/**
 * What a pool needs of a place: start a worker, send it messages, hear from it, and stop it, with or without its consent.
 * One file a place implements it (`threadTransport.ts`, `processTransport.ts`).
 *
 * @internal
 */
import type { LogLevel } from "effect/LogLevel"
import type { WorkerFault } from "../chaos/WorkerFault.ts"
import type { TransferList } from "../codec/moves.ts"
import type { WireError } from "../codec/wireError.ts"
import type { LogEntry, WireContext } from "../context/wire.ts"

/** A task's outcome as it crosses: `value` and `error` are encoded by the task's codec, `defect` is not typed. */
export type WireExit =
  | { readonly kind: "success"; readonly value: unknown }
  | { readonly kind: "failure"; readonly reasons: ReadonlyArray<WireReason> }
  | { readonly kind: "unsendable"; readonly path: ReadonlyArray<string | number>; readonly cause: WireError }
  | { readonly kind: "unreadable"; readonly path: ReadonlyArray<string | number>; readonly cause: WireError }

export type WireReason =
  | { readonly kind: "fail"; readonly error: unknown; readonly origin: WireError | undefined }
  /** By a plain function: there is no schema that would tell failures from defects. */
  | { readonly kind: "thrown"; readonly thrown: WireError }
  | { readonly kind: "die"; readonly defect: WireError }
  | { readonly kind: "interrupt" }

/** A task that is offered. It is the worker's once the worker has claimed it; until then the parent may revoke it. */
export interface RunMessage {
  readonly kind: "run"
  readonly id: number
  readonly task: string
  readonly payload: unknown
  /** What only some calls have; absent when there is nothing. Plain data. */
  readonly extras: RunExtras | undefined
}

export interface RunExtras {
  /** The caller wants a stream, and grants credit for so many elements to begin with. */
  readonly window?: number | undefined
  /**
   * The payload is an array, of a payload for each of several tasks that run one after another. `"stop"`: the first that
   * fails ends it, and is the outcome; `"settle"`: all run.
   */
  readonly chunk?: "stop" | "settle" | undefined
  /** When the caller's time is up: milliseconds of `monotonicMillis`. */
  readonly deadline?: number | undefined
  /** What the task takes along of its caller's context. */
  readonly context?: WireContext
}

/** What a worker says of its tasks besides their outcomes: when each started, and that at once or with its outcome. */
export type Reporting = "nothing" | "times" | "starts"

/** By the worker's clock. */
export interface TaskTimes {
  /** When the task started: milliseconds since the epoch, with fractions. */
  readonly at: number
  /** How long it ran. */
  readonly millis: number
}

/** What a chunk answers, as the value of its success. */
export interface ChunkAnswer {
  /** With `"stop"` the encoded results, with `"settle"` an outcome of each task (`WireExit`). */
  readonly results: ReadonlyArray<unknown>
  /** How long it ran. */
  readonly millis: number
}

/** A function of the worker's module, with its arguments. */
export interface FunctionCall {
  readonly call: string
  readonly args: ReadonlyArray<unknown>
}

export interface Setup {
  readonly initialise: FunctionCall | undefined
  readonly teardown: FunctionCall | undefined
}

/** What a worker's session hears. */
export type TaskMessage =
  | RunMessage
  | { readonly kind: "interrupt"; readonly id: number }
  /** So many more elements of the call's stream may be sent. */
  | { readonly kind: "credit"; readonly id: number; readonly count: number }
  /** To a module that is ready: what it calls before its first task, which is followed by another `ready`, and after its last. */
  | ({ readonly kind: "setup" } & Setup)
  | { readonly kind: "close" }

export type ToWorker =
  | TaskMessage
  /** It goes no further than the worker's link. */
  | { readonly kind: "report"; readonly what: Reporting }
  /** Only `testing/Chaos` sends it; it goes no further than the worker's boot. */
  | { readonly kind: "fault"; readonly fault: WorkerFault }

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "startFailed"; readonly cause: WireError }
  | { readonly kind: "uncaught"; readonly cause: WireError }
  | { readonly kind: "settled"; readonly id: number; readonly exit: WireExit; readonly times?: TaskTimes }
  /** Told only when the parent has asked for it. */
  | { readonly kind: "started"; readonly id: number; readonly at: number }
  /** Logged by the task of this id; by none that runs, when the id is negative. Comes before that task's outcome. */
  | { readonly kind: "log"; readonly id: number; readonly entry: LogEntry }
  /** The next elements of a call's stream, in their order: at least one, no more than were granted. */
  | { readonly kind: "elements"; readonly id: number; readonly values: Array<unknown> }
  /** A task that was revoked has been thrown away: nothing of this id comes any more. */
  | { readonly kind: "dropped"; readonly id: number }

/** What a worker file is: handlers that call `WorkerMain.run`, or a plain module whose exports are the tasks. */
export type WorkerKind = "group" | "module"

export interface WorkerLimits {
  /** How many tasks it runs at the same time. */
  readonly concurrency: number
  /** How many ids, modulo this, can have been offered and not answered. */
  readonly slots: number
  /** The least level of what is logged outside of tasks and sent to the program; `undefined`: no logs are sent. */
  readonly relayLevel: LogLevel | undefined
  /** Whether a payload is checked also when it needs no decoding. */
  readonly validate: boolean
}

/** How a worker ended. `uncaught` is set when an exception that no task caught ended it. */
export interface WorkerExit {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly outOfMemory: boolean
  readonly uncaught: { readonly cause: unknown } | undefined
}

/** One line that a worker printed, when its output is not inherited. */
export interface OutputLine {
  readonly worker: number
  readonly stream: "stdout" | "stderr"
  readonly line: string
}

export interface WorkerEvents {
  readonly onMessage: (message: FromWorker) => void
  /** Whether an offer was taken back in time; the answer to a `revoke` that had none. */
  readonly onRevoked: (id: number, revoked: boolean) => void
  /** What the worker has written can't be read: nothing more is. */
  readonly onBroken: (cause: unknown) => void
  /** Exactly once, after the last message: the worker is gone. */
  readonly onExit: (exit: WorkerExit) => void
}

export interface Worker {
  /** Thread id or process id; kept after the worker's end. */
  readonly id: number
  /**
   * Throws a `DataCloneError` when the message can't be cloned; nothing is sent then. To a thread the objects of `transfer`
   * are moved; to a process they are copied, if they can be.
   */
  readonly send: (message: ToWorker, transfer?: TransferList) => void
  /**
   * Takes an offer back: `true`, and the worker will never start it; `false`, it has started it. `undefined`: the answer
   * comes by `onRevoked`, unless the worker ends before.
   */
  readonly revoke: (id: number) => boolean | undefined
  /** Whether the worker has started a task, as far as that can be told from here. */
  readonly hasStarted: (id: number) => boolean | undefined
  /** Tells, soon or never, how many bytes it takes: a thread of heap and buffers, a process of resident memory. */
  readonly measure: (onMeasured: (bytes: number) => void) => void
  /** Asks the system to end it: a thread is terminated, a process gets SIGTERM. */
  readonly terminate: () => void
  /** A process gets SIGKILL (or the signal named); a thread is terminated. */
  readonly kill: (signal?: NodeJS.Signals) => void
}

/** The worker's end of the link, as those hear it who serve the tasks. */
export interface ParentLink {
  readonly place: "thread" | "process"
  readonly kind: WorkerKind
  /** The worker file, as a URL. */
  readonly worker: string
  readonly name: string
  /** How many tasks it runs at the same time. */
  readonly concurrency: number
  /** The least level of what is logged here outside of tasks and sent to the parent; `undefined`: no logs are sent. */
  readonly relayLevel: LogLevel | undefined
  /** Whether a payload is checked also when it needs no decoding. */
  readonly validate: boolean
  /** Before a task is started: `false` when the parent has taken it back. */
  readonly claim: (id: number) => boolean
  /**
   * When it returns, the message is on its way and can't be lost with this worker. Throws a `DataCloneError` when it can't be
   * cloned; nothing is sent then. `transfer`: as in `Worker`.
   */
  readonly send: (message: FromWorker, transfer?: TransferList) => void
  /** Starts to hear the parent. `onLost` is called when the parent is gone: nobody waits for an answer any more. */
  readonly listen: (onMessage: (message: TaskMessage) => void, onLost: () => void) => void
  /** Ends this worker, once what was sent has left. */
  readonly exit: (code: number) => void
}

/** The worker's end of the link, as it is. */
export interface RawLink extends Omit<ParentLink, "listen"> {
  readonly listen: (onMessage: (message: ToWorker) => void, onLost: () => void) => void
}

/** A worker never keeps the program alive: whoever waits for it does (`KeepAlive`). */
export interface Transport {
  readonly place: "thread" | "process"
  /** The worker file, for messages to people. */
  readonly workerFile: string
  readonly spawn: (limits: WorkerLimits, events: WorkerEvents) => Worker
}
