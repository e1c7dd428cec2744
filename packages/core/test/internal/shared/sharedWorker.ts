/** One thread of the tests of shared memory: does what its `workerData` says. */
import { parentPort, workerData } from "node:worker_threads"
import { nextTicket } from "../../../src/internal/shared/claims.ts"
import { type Job, link, rounds, slots } from "./link.ts"

const { firstTicket, memory, messages, what } = workerData as Job
const { claims, fromWorker, parent, self, toWorker, words } = link(memory, "worker")
const forever = Number.POSITIVE_INFINITY

const wakeParent = () => {
  if (parent.wake()) parentPort!.postMessage("look")
}

const reserve = (length: number) => {
  while (!fromWorker.reserve(length)) self.block(() => fromWorker.reserve(length), forever)
}

switch (what) {
  case "echo":
    for (let n = 0; n < messages; n++) {
      while (!toWorker.next()) self.block(() => !toWorker.isEmpty, forever)
      const length = toWorker.end - toWorker.start
      reserve(length)
      toWorker.bytes.copy(fromWorker.bytes, fromWorker.start, toWorker.start, toWorker.end)
      fromWorker.publish(length)
      toWorker.release()
      wakeParent()
    }
    break
  case "count":
    for (let n = 1; ; n++) {
      reserve(4)
      fromWorker.view.setInt32(fromWorker.start, n)
      fromWorker.publish(4)
      Atomics.store(words, 0, n)
      wakeParent()
    }
  case "claim": {
    let ticket = firstTicket
    for (let round = 1; round <= rounds; round++) {
      while (Atomics.load(words, 0) < round) self.block(() => Atomics.load(words, 0) >= round, forever)
      // The parent comes from the other end.
      for (let slot = slots - 1; slot >= 0; slot--) if (claims.claim(slot, ticket)) Atomics.add(words, 2 + slot, 1)
      ticket = nextTicket(ticket)
      Atomics.store(words, 1, round)
      parent.wake()
    }
  }
}
