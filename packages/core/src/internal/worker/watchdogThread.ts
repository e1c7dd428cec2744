/**
 * A thread of a worker process that waits for the parent's death on an event loop of its own, which no task can block.
 *
 * @internal
 */
import { Socket } from "node:net"
import { watchdogDescriptor } from "../transport/descriptors.ts"

/** How long the process's own loop, which hears of the death at the same time, has for the finalizers of its tasks. */
const graceMillis = 1000

const parent = new Socket({ fd: watchdogDescriptor })
parent.on("error", () => {})
parent.once("close", () => {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), graceMillis)
})
parent.resume()
