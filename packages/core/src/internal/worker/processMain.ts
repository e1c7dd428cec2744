/**
 * The first file of every worker process.
 *
 * @internal
 */
import { writeSync } from "node:fs"
import { Socket } from "node:net"
import { Worker } from "node:worker_threads"
import { toWireError } from "../codec/wireError.ts"
import { Claims, claimsSize } from "../shared/claims.ts"
import { inboxDescriptor, outboxDescriptor, type ProcessData } from "../transport/descriptors.ts"
import { FrameWriter, readFrames } from "../transport/frames.ts"
import type { ToWorker } from "../transport/Transport.ts"
import { workerEntry } from "../transport/workerEntry.ts"
import { boot } from "./boot.ts"
import type { WatchdogData } from "./watchdogThread.ts"

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

const { slots } = data
const memory = new SharedArrayBuffer(claimsSize(slots))
const claims = new Claims(memory, 0, slots)

// Ctrl-C reaches the whole process group. The parent hears it too, and ends its workers in order; a worker that died of it
// first would be one more crash in the log.
process.on("SIGINT", () => {})

process.on("uncaughtException", (cause) => {
  frames.writeNow({ kind: "uncaught", cause: toWireError(cause) })
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
  claim: (id) => claims.claim(id % slots, id),
  // At once: should the next task end this process, the answers to those before it have left.
  send: (message, transfer) => frames.writeNow(message, transfer),
  listen: (onMessage, onLost) => {
    let watched = false
    readFrames(
      inbox,
      (message) => {
        if (!watched && (message as ToWorker).kind === "run") {
          watched = true
          startWatchdog()
        }
        onMessage(message as ToWorker)
      },
      onLost
    )
    inbox.once("close", onLost)
  },
  exit: (code) => process.exit(code)
})
