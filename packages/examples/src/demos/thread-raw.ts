/** The article's `thread` module: two loops at once, each with a lock that says when it is done. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import { cpu, ctime, elapsed, lane, note, realSeconds, sleep, verdict } from "../internal/Stage.ts"

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
  for (const latch of latches) yield* latch.await
  yield* Console.log("all done at:", yield* ctime)

  const took = yield* elapsed
  const cpuOfLatches = yield* cpu
  const cpuOfSpinning = yield* busyWait(0.1)
  yield* note(
    `Waiting cost ${cpuOfLatches.toFixed(0)} ms of CPU for ${took.toFixed(1)} s on latches. ` +
      `The article's busy wait cost ${cpuOfSpinning.toFixed(0)} ms for 0.1 s: it burns a whole core, ` +
      "and on fibers it would wait for ever, since the loops could not run meanwhile."
  )
  yield* verdict({
    elapsed: took,
    ideal: Math.max(...loops),
    shown: `together takes as long as the longest (${loops.join(" and ")} s), and waiting burns no CPU`,
    ok: took < loops[0]! + loops[1]!
  })
})

/** The article's way to wait, for a slice of its time. Returns the CPU milliseconds that it burnt, a scaled second a second. */
const busyWait = Effect.fnUntraced(function* (seconds: number) {
  const real = yield* realSeconds(seconds)
  const lock = yield* Latch.make()
  const before = yield* cpu
  const end = performance.now() + real * 1000
  while (!lock.isOpen() && performance.now() < end);
  return (yield* cpu) - before
})
