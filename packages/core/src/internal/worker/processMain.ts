/**
 * The first file of every worker process.
 *
 * @internal
 */
import { writeSync } from "node:fs"
import { Socket } from "node:net"
import { Worker } from "node:worker_threads"
import type { TransferList } from "../codec/moves.ts"
import { toWireError } from "../codec/wireError.ts"
import { Claims, claimsSize } from "../shared/claims.ts"
import { inboxDescriptor, outboxDescriptor, type ProcessData, ringDescriptor } from "../transport/descriptors.ts"
import { FrameWriter, readFrames } from "../transport/frames.ts"
import { RingLink } from "../transport/RingLink.ts"
import { openFile, RingFile } from "../transport/ringFile.ts"
import type { FromWorker, ToWorker } from "../transport/Transport.ts"
import { Turns } from "../transport/Turns.ts"
import { workerEntry } from "../transport/workerEntry.ts"
import { boot } from "./boot.ts"
import type { WatchdogData } from "./watchdogThread.ts"

/** So many messages are taken at a time: then the event loop has its turn. */
const slice = 1024

/** Milliseconds that it looks for a task, over and over: longer than a thread, which can block where this one has to sleep. */
const longestLook = 0.2

/** A look is a system call. */
const looksAtOnce = 2

const data = JSON.parse(process.argv.pop() as string) as ProcessData
process.title = `ropewalk: ${data.name}`

// A socket is written to in the background, and `process.exit` would throw away what has not left: these write at once.
// There is no public call for it. Inherited output is left alone, since its mode is the parent's too.
const writeAtOnce = (stream: NodeJS.WriteStream): void => {
  const { _handle } = stream as { readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void } }
  _handle?.setBlocking?.(true)
}
writeAtOnce(process.stderr)
if (data.captured) writeAtOnce(process.stdout)

const inbox = new Socket({ fd: inboxDescriptor })
inbox.on("error", () => {})

const frames = new FrameWriter((bytes) => {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(outboxDescriptor, bytes, at)
  } catch {
    // The parent is gone, and the inbox says so too.
  }
})

const onLinkBroken = (cause: unknown): never => {
  throw cause
}

/** Who serves the tasks: it listens once the worker file is loaded. */
let serve: (message: ToWorker) => void = () => {}

const link = new RingLink<ToWorker, FromWorker>(
  data.rings ? new RingFile(openFile(ringDescriptor), "worker") : undefined,
  { post: (message, transfer) => frames.writeNow(message, transfer), wake: () => frames.writeWake() },
  (message) => serve(message),
  onLinkBroken
)

const turns = new Turns({
  drain: () => link.drain(slice) > 0,
  hasWork: () => link.hasWork(),
  sleep: () => link.sleep(),
  // Without rings all comes by the socket, which is not to be looked at.
  longestLook: data.rings ? longestLook : 0,
  looksAtOnce,
  // Its socket, and what it prints to.
  ownResources: process.getActiveResourcesInfo().length
})

/** At once: should the next task end this process, the answers to those before it have left. */
const send = (message: FromWorker, transfer?: TransferList): void => {
  link.send(message, transfer)
  link.flush()
}

const { slots } = data
const memory = new SharedArrayBuffer(claimsSize(slots))
const claims = new Claims(memory, 0, slots)

// Ctrl-C reaches the whole process group. The parent hears it too, and ends its workers in order; a worker that died of it
// first would be one more crash in the log.
process.on("SIGINT", () => {})

process.on("uncaughtException", (cause) => {
  send({ kind: "uncaught", cause: toWireError(cause) })
  process.exit(1)
})

/** Ends the process when the parent dies, also while a task spins. It starts with the first task: an idle loop needs none. */
const startWatchdog = (): void => {
  new Worker(workerEntry(import.meta.url, "./watchdogThread"), {
    name: "ropewalk watchdog",
    execArgv: [],
    workerData: { memory, slots } satisfies WatchdogData
  }).unref()
}

void boot({
  ...data,
  place: "process",
  claim: (id) => {
    if (!claims.claim(id % slots, id)) return false
    turns.running++
    return true
  },
  send: (message, transfer) => {
    send(message, transfer)
    if (message.kind === "settled") turns.running--
  },
  listen: (onMessage, onLost) => {
    let watched = false
    serve = (message) => {
      if (!watched && message.kind === "run") {
        watched = true
        startWatchdog()
      }
      onMessage(message)
    }
    const posted = (message: unknown) => {
      link.posted(message as ToWorker)
      turns.woken()
    }
    const woken = () => {
      link.woken()
      turns.woken()
    }
    readFrames(inbox, posted, onLost, woken)
    inbox.once("close", onLost)
    turns.woken()
  },
  exit: (code) => process.exit(code)
})
