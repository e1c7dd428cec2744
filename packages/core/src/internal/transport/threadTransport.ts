/**
 * A worker thread and its message port.
 *
 * @internal
 */

import type { HeapInfo } from "node:v8"
import { MessageChannel, type MessagePort, Worker as NodeThread, type ResourceLimits } from "node:worker_threads"
import { inheritedExecArgv } from "./execArgv.ts"
import * as Poller from "./Poller.ts"
import { splitLines } from "./splitLines.ts"
import { ThreadLink } from "./ThreadLink.ts"
import type { OutputLine, Transport, Worker, WorkerEvents, WorkerExit, WorkerKind, WorkerLimits } from "./Transport.ts"
import { makeMemory } from "./threadMemory.ts"
import { workerEntry } from "./workerEntry.ts"

export interface ThreadSettings {
  readonly kind: WorkerKind
  readonly worker: URL
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>> | undefined
  readonly resourceLimits: ResourceLimits | undefined
  readonly onOutput: ((line: OutputLine) => void) | undefined
}

/** What the entry of a thread finds in its `workerData`. */
export interface ThreadData extends WorkerLimits {
  readonly kind: WorkerKind
  readonly worker: string
  readonly name: string
  readonly port: MessagePort
  readonly memory: SharedArrayBuffer
  /** Where the program sleeps. */
  readonly program: SharedArrayBuffer
}

const entry = workerEntry(import.meta.url, "../worker/threadMain")

export const threadTransport = (settings: ThreadSettings): Transport => ({
  place: "thread",
  workerFile: settings.worker.href,
  spawn: (limits, events) => spawn(settings, limits, events)
})

/**
 * A thread inherits the program's flags by itself, also those that Node would not take when they are given. So they are
 * given only when one of them has to be left out.
 */
const inheritedFlags = (): { readonly execArgv?: Array<string> } => {
  const flags = inheritedExecArgv(process.execArgv)
  return flags.length === process.execArgv.length ? {} : { execArgv: flags }
}

const spawn = (settings: ThreadSettings, limits: WorkerLimits, events: WorkerEvents): Worker => {
  const captured = settings.onOutput !== undefined
  const { port1, port2 } = new MessageChannel()
  const memory = makeMemory(limits.slots)
  const data: ThreadData = {
    kind: settings.kind,
    worker: settings.worker.href,
    name: settings.name,
    ...limits,
    port: port2,
    memory,
    program: Poller.memory
  }
  const thread = new NodeThread(entry, {
    name: settings.name,
    workerData: data,
    transferList: [port2],
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
  const fail = (cause: unknown) => {
    outOfMemory ||= (cause as NodeJS.ErrnoException | null)?.code === "ERR_WORKER_OUT_OF_MEMORY"
    uncaught ??= { cause }
  }
  thread.on("error", fail)
  const link = new ThreadLink(port1, memory, limits.slots, events.onMessage, events.onBroken)

  if (settings.onOutput !== undefined) {
    const { onOutput } = settings
    for (const stream of ["stdout", "stderr"] as const) {
      splitLines(thread[stream], (line) => onOutput({ worker: id, stream, line }))
    }
  }
  thread.on("exit", (code) => {
    link.close()
    events.onExit({ code, signal: undefined, outOfMemory, uncaught })
  })

  // Last: each listener for messages refs its port again.
  thread.unref()
  port1.unref()

  const terminate = () => void thread.terminate()
  return {
    id,
    send: (message, transfer) => link.send(message, transfer),
    revoke: (id) => link.revoke(id),
    hasStarted: (id) => link.hasStarted(id),
    measure: (onMeasured) => {
      // Node 23 has no such thing: there nothing is measured.
      if (typeof thread.getHeapStatistics !== "function") return
      // One that is about to end does not answer.
      const measured = ({ external_memory, used_heap_size }: HeapInfo) => onMeasured(used_heap_size + external_memory)
      thread.getHeapStatistics().then(measured, () => {})
    },
    terminate,
    kill: terminate
  }
}
