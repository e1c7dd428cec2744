/**
 * The first file of every worker thread.
 *
 * @internal
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import type { ThreadData } from "../transport/threadTransport.ts"
import { boot } from "./boot.ts"

const data = workerData as ThreadData
const port = parentPort as MessagePort

void boot({
  ...data,
  place: "thread",
  send: (message) => port.postMessage(message),
  listen: (onMessage) => void port.on("message", onMessage),
  exit: (code) => process.exit(code)
})
