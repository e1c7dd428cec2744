/**
 * The other side of a ping-pong on two shared words: `[request, reply, spins]`. It adds nothing: each new request is
 * answered by its own number. While `spins` is 1 it looks at the word without end; else it sleeps in `Atomics.wait`.
 */
import { workerData } from "node:worker_threads"

const words = workerData as Int32Array<SharedArrayBuffer>

for (let seen = 0; ; ) {
  while (Atomics.load(words, 2) === 1 && Atomics.load(words, 0) === seen);
  if (Atomics.load(words, 0) === seen) Atomics.wait(words, 0, seen)
  const request = Atomics.load(words, 0)
  if (request === seen) continue
  seen = request
  Atomics.store(words, 1, seen)
  Atomics.notify(words, 1)
}
