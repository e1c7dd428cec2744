/**
 * A thread of a worker process that no task can block. It takes offers back that the parent wants back, says how much memory
 * the process takes, and ends it when the parent has died.
 *
 * @internal
 */
import { Socket } from "node:net"
import { workerData } from "node:worker_threads"
import { Claims } from "../shared/claims.ts"
import { watchdogDescriptor } from "../transport/descriptors.ts"
import { measureWord, readWords, writeWords } from "../transport/recalls.ts"

export interface WatchdogData {
  /** The claims of the process's tasks. */
  readonly memory: SharedArrayBuffer
  readonly slots: number
}

/** How long the process's own loop, which hears of the death at the same time, has for the finalizers of its tasks. */
const graceMillis = 1000

const { memory, slots } = workerData as WatchdogData
const claims = new Claims(memory, 0, slots)

const parent = new Socket({ fd: watchdogDescriptor })
parent.on("error", () => {})
parent.once("close", () => {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), graceMillis)
})
readWords(parent, 1, (words) => {
  const id = words[0] as number
  if (id === measureWord) return writeWords(parent, measureWord, Math.round(process.memoryUsage.rss() / 1024))
  writeWords(parent, id, claims.revoke(id % slots, id) ? 1 : 0)
})
