/**
 * The first file of every worker thread.
 *
 * @internal
 */
import { workerData } from "node:worker_threads"
import { ThreadWorkerLink } from "../transport/ThreadWorkerLink.ts"
import type { ThreadData } from "../transport/threadTransport.ts"
import { boot } from "./boot.ts"

const { concurrency, kind, memory, name, port, program, relayLevel, slots, validate, worker } = workerData as ThreadData
const link = new ThreadWorkerLink(port, memory, slots, program)

void boot({
  place: "thread",
  kind,
  worker,
  name,
  concurrency,
  relayLevel,
  validate,
  claim: (id) => link.claim(id),
  send: (message, transfer) => link.send(message, transfer),
  listen: (onMessage) => link.listen(onMessage),
  exit: (code) => process.exit(code)
})
