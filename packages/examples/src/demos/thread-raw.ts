/** The article's `thread` module: two loops at once, each with a lock that says when it is done. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import { cpu, ctime, elapsed, lane, note, sleep, verdict } from "../internal/Stage.ts"

const loops = [4, 2]

const loop = Effect.fnUntraced(function* (nloop: number, seconds: number, finished: Latch.Latch) {
  yield* Console.log("start loop", nloop, " at:", yield* ctime)
  yield* sleep(seconds)
  yield* Console.log("loop", nloop, " done at:", yield* ctime)
  yield* finished.open
})

export const run = Effect.gen(function* () {
  yield* Console.log("starting at:", yield* ctime)
  const latches = yield* Effect.forEach(loops, () => Latch.make())

  yield* Effect.forEach(loops, (seconds, nloop) =>
    Effect.forkChild(loop(nloop, seconds, latches[nloop]!).pipe(lane(`loop ${nloop}`)))
  )

  // The article spins here: `while locks[i].locked(): pass`. A latch wakes whoever waits; waiting costs nothing.
  yield* latches[0]!.await
  // Loop 1 is the shorter: it has ended by now, unless it had to wait for loop 0.
  const together = latches[1]!.isOpen()
  yield* latches[1]!.await
  yield* Console.log("all done at:", yield* ctime)

  const took = yield* elapsed
  const waiting = yield* cpu
  const spinning = yield* busyWait(20)
  yield* note(
    `Waiting on latches burnt ${waiting.toFixed(0)} ms of CPU in all; the article's busy wait burns ` +
      `${spinning.toFixed(0)} ms in 20 ms, a whole core. On fibers it would never end: while it spins, no loop runs.`
  )
  yield* verdict({
    elapsed: took,
    cpu: waiting,
    ideal: Math.max(...loops),
    shown: `together takes as long as the longest (${loops.join(" and ")} s), and waiting burns no CPU`,
    ok: together
  })
})

/** The article's way to wait, but only so long. Succeeds with the CPU milliseconds that it burnt. */
const busyWait = Effect.fnUntraced(function* (ms: number) {
  const lock = yield* Latch.make()
  const before = yield* cpu
  const end = performance.now() + ms
  while (!lock.isOpen() && performance.now() < end);
  return (yield* cpu) - before
})
