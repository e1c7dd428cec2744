/**
 * A child process and its channels: a socket pair for each direction, with a frame for each message.
 *
 * Node's own IPC (`fork`) is not used: in its `json` form bytes break, in its `advanced` form shared memory is copied in
 * silence, and a forked child outlives a parent that was killed. Here the child holds one end of three socket pairs, and
 * the kernel closes them when the parent dies: descriptor 3 tells the child's event loop, descriptor 4 a thread that ends
 * the process even when a task spins (`worker/watchdogThread.ts`).
 *
 * @internal
 */
import { type ChildProcess, spawn as spawnChild } from "node:child_process"
import type { Duplex, Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { inboxDescriptor, outboxDescriptor, type ProcessData, watchdogDescriptor } from "./descriptors.ts"
import { inheritedExecArgv } from "./execArgv.ts"
import { FrameWriter, readFrames, toStream } from "./frames.ts"
import { ProcessLink } from "./ProcessLink.ts"
import { measureWord, readWords, writeWords } from "./recalls.ts"
import { createRingFile, openFile, RingFile } from "./ringFile.ts"
import { splitLines } from "./splitLines.ts"
import type {
  FromWorker,
  OutputLine,
  Transport,
  Worker,
  WorkerEvents,
  WorkerExit,
  WorkerKind,
  WorkerLimits
} from "./Transport.ts"
import { workerEntry } from "./workerEntry.ts"

export interface ProcessSettings {
  readonly kind: WorkerKind
  readonly worker: URL
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>> | undefined
  readonly cwd: string | undefined
  /** MiB. */
  readonly heapLimit: number | undefined
  readonly execArgv: ReadonlyArray<string> | undefined
  readonly onOutput: ((line: OutputLine) => void) | undefined
}

const entry = fileURLToPath(workerEntry(import.meta.url, "../worker/processMain"))

export const processTransport = (settings: ProcessSettings): Transport => ({
  place: "process",
  workerFile: settings.worker.href,
  spawn: (limits, events) => spawn(settings, limits, events)
})

/** A grandchild may hold the child's stderr open for ever: this long after the exit nobody waits for its end any more. */
const stderrDrainMillis = 100

const spawn = (settings: ProcessSettings, limits: WorkerLimits, events: WorkerEvents): Worker => {
  const { onOutput } = settings
  const descriptor = createRingFile()
  const data: ProcessData = {
    kind: settings.kind,
    worker: settings.worker.href,
    name: settings.name,
    ...limits,
    captured: onOutput !== undefined,
    rings: descriptor !== undefined
  }
  const file = descriptor === undefined ? undefined : new RingFile(openFile(descriptor), "program")
  const child = startChild(settings, data, descriptor, () => file?.close())
  const id = child.pid ?? -1
  // Node's types know of five.
  const stdio: ReadonlyArray<unknown> = child.stdio
  const toWorker = stdio[inboxDescriptor] as Duplex
  const fromWorker = stdio[outboxDescriptor] as Duplex
  const watchdog = stdio[watchdogDescriptor] as Duplex
  const stderr = child.stderr as Readable

  const link = new ProcessLink(file, new FrameWriter(toStream(toWorker)), events.onMessage, events.onBroken)
  readFrames(
    fromWorker,
    (message) => link.posted(message as FromWorker),
    events.onBroken,
    () => link.woken()
  )
  let uncaught: WorkerExit["uncaught"]
  // A broken pipe only says what the exit says better.
  toWorker.on("error", () => {})
  fromWorker.on("error", () => {})
  watchdog.on("error", () => {})
  let onMeasured: (bytes: number) => void = () => {}
  readWords(watchdog, 2, (words) => {
    const [id, answer] = words as unknown as [number, number]
    if (id === measureWord) onMeasured(answer * 1024)
    else events.onRevoked(id, answer === 1)
  })
  child.on("error", (cause) => {
    uncaught ??= { cause }
    if (child.pid === undefined) finish(undefined, undefined)
  })

  for (const handle of [child, ...child.stdio] as Array<{ unref?: () => void } | null>) handle?.unref?.()

  const heapReport = watchForHeapReport(stderr)
  if (onOutput === undefined) {
    stderr.on("data", (chunk: Buffer) => process.stderr.write(chunk))
  } else {
    splitLines(stderr, (line) => onOutput({ worker: id, stream: "stderr", line }))
    splitLines(child.stdout as Readable, (line) => onOutput({ worker: id, stream: "stdout", line }))
  }

  let finished = false
  const finish = (code: number | undefined, signal: string | undefined) => {
    if (finished) return
    finished = true
    toWorker.destroy()
    fromWorker.destroy()
    watchdog.destroy()
    link.close()
    events.onExit({ code, signal, outOfMemory: signal !== undefined && heapReport.seen(), uncaught })
  }
  child.on("exit", (code, signal) => {
    const end = () => finish(code ?? undefined, signal ?? undefined)
    // `close` comes when everything the child wrote has been read.
    child.once("close", end)
    whenEnded(fromWorker, () => setTimeout(end, stderrDrainMillis).unref())
  })

  return {
    id,
    send: (message, transfer) => link.send(message, transfer),
    revoke: (id) => {
      writeWords(watchdog, id)
      return undefined
    },
    hasStarted: () => undefined,
    measure: (listener) => {
      onMeasured = listener
      writeWords(watchdog, measureWord)
    },
    terminate: () => void child.kill("SIGTERM"),
    kill: (signal = "SIGKILL") => void child.kill(signal)
  }
}

/** Throws what Node throws for an environment or a folder that can't be; `onThrown` gives back what is open. */
const startChild = (
  settings: ProcessSettings,
  data: ProcessData,
  descriptor: number | undefined,
  onThrown: () => void
): ChildProcess => {
  try {
    const child = spawnChild(
      process.execPath,
      [
        ...(settings.execArgv ?? inheritedExecArgv(process.execArgv)),
        ...(settings.heapLimit === undefined ? [] : [`--max-old-space-size=${settings.heapLimit}`]),
        entry,
        JSON.stringify(data)
      ],
      {
        cwd: settings.cwd,
        env: settings.env === undefined ? process.env : { ...process.env, ...settings.env },
        stdio: [
          "ignore",
          settings.onOutput === undefined ? "inherit" : "pipe",
          "pipe",
          "pipe",
          "pipe",
          "pipe",
          descriptor ?? "ignore"
        ]
      }
    )
    if (hasStdio(child)) return child
    // Node says why in an event that comes later.
    child.on("error", () => {})
    throw new Error("The process has no channels: this program has as many files open as the system lets it")
  } catch (cause) {
    onThrown()
    throw cause
  }
}

/** Without it when there are no descriptors left, which Node's types don't know. */
const hasStdio = (child: { readonly stdio: unknown }): boolean => child.stdio !== undefined

const whenEnded = (stream: Duplex, onEnd: () => void): void => {
  if (stream.readableEnded || stream.destroyed) onEnd()
  else stream.once("close", onEnd)
}

/** V8 says on stderr that the heap is full, and then aborts: the signal alone could be any failed assertion. */
const watchForHeapReport = (stderr: Readable): { readonly seen: () => boolean } => {
  const tailLength = 4096
  let tail = ""
  stderr.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("latin1")).slice(-tailLength)
  })
  return { seen: () => tail.includes("JavaScript heap out of memory") }
}
