/**
 * A worker thread and its message port.
 *
 * @internal
 */
import { Worker as NodeThread, type ResourceLimits } from "node:worker_threads"
import { inheritedExecArgv } from "./execArgv.ts"
import { sibling } from "./sibling.ts"
import { splitLines } from "./splitLines.ts"
import type { FromWorker, OutputLine, Transport, Worker, WorkerEvents, WorkerExit, WorkerKind } from "./Transport.ts"

export interface ThreadSettings {
  readonly kind: WorkerKind
  readonly worker: URL
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>> | undefined
  readonly resourceLimits: ResourceLimits | undefined
  readonly onOutput: ((line: OutputLine) => void) | undefined
}

/** What the entry of a thread finds in its `workerData`. */
export interface ThreadData {
  readonly kind: WorkerKind
  readonly worker: string
  readonly name: string
}

const entry = sibling(import.meta.url, "../worker/threadMain")

export const threadTransport = (settings: ThreadSettings): Transport => ({
  place: "thread",
  workerFile: settings.worker.href,
  spawn: (events) => spawn(settings, events)
})

/**
 * A thread inherits the program's flags by itself, also those that Node would not take when they are given. So they are
 * given only when one of them has to be left out.
 */
const inheritedFlags = (): { readonly execArgv?: Array<string> } => {
  const flags = inheritedExecArgv(process.execArgv)
  return flags.length === process.execArgv.length ? {} : { execArgv: flags }
}

const spawn = (settings: ThreadSettings, events: WorkerEvents): Worker => {
  const captured = settings.onOutput !== undefined
  const thread = new NodeThread(entry, {
    name: settings.name,
    workerData: { kind: settings.kind, worker: settings.worker.href, name: settings.name } satisfies ThreadData,
    stdout: captured,
    stderr: captured,
    ...inheritedFlags(),
    ...(settings.env === undefined ? {} : { env: { ...process.env, ...settings.env } }),
    ...(settings.resourceLimits === undefined ? {} : { resourceLimits: settings.resourceLimits })
  })
  // Node answers -1 once the thread has ended.
  const id = thread.threadId

  let uncaught: WorkerExit["uncaught"]
  let outOfMemory = false
  thread.on("message", (message: FromWorker) => events.onMessage(message))
  const fail = (cause: unknown) => {
    outOfMemory ||= (cause as NodeJS.ErrnoException | null)?.code === "ERR_WORKER_OUT_OF_MEMORY"
    uncaught ??= { cause }
  }
  thread.on("error", fail)
  thread.on("messageerror", (cause) => {
    fail(cause)
    void thread.terminate()
  })

  if (settings.onOutput !== undefined) {
    const { onOutput } = settings
    for (const stream of ["stdout", "stderr"] as const) {
      splitLines(thread[stream], (line) => onOutput({ worker: id, stream, line }))
    }
  }
  thread.on("exit", (code) => events.onExit({ code, signal: undefined, outOfMemory, uncaught }))

  // Last: each listener for messages refs the port again.
  thread.unref()

  const terminate = () => void thread.terminate()
  return {
    id,
    send: (message) => thread.postMessage(message),
    terminate,
    kill: terminate
  }
}
