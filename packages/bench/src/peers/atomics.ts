/** The round trip of a word in shared memory. The caller's thread waits for it: no event loop, no promise. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { beside } from "../beside.ts"

export interface PingPong {
  /** So many round trips, asleep in `Atomics.wait` or spinning on both sides. */
  readonly trips: (count: number, how: "wait" | "spin") => void
  readonly stop: () => Promise<unknown>
}

export const startPingPong = async (): Promise<PingPong> => {
  const words = new Int32Array(new SharedArrayBuffer(12))
  const worker = new Worker(beside(import.meta.url, "../work/atomicsWorker"), { workerData: words })
  await once(worker, "online")
  let sent = 0
  return {
    trips: (count, how) => {
      Atomics.store(words, 2, how === "spin" ? 1 : 0)
      for (const last = sent + count; sent < last; ) {
        sent += 1
        Atomics.store(words, 0, sent)
        Atomics.notify(words, 0)
        if (how === "spin") while (Atomics.load(words, 1) !== sent);
        else while (Atomics.load(words, 1) !== sent) Atomics.wait(words, 1, sent - 1)
      }
      // An idle contender spends nothing: it leaves its spin, and sleeps.
      Atomics.store(words, 2, 0)
    },
    stop: () => worker.terminate()
  }
}
