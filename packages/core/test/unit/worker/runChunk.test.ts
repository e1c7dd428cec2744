import { assert, describe, it } from "@effect/vitest"
import type { ChunkAnswer, WireExit } from "../../../src/internal/transport/Transport.ts"
import { ChunkRun, type StartTask } from "../../../src/internal/worker/runChunk.ts"
import type { TaskObserver } from "../../../src/internal/worker/TaskObserver.ts"

const succeeded = (value: unknown): WireExit => ({ kind: "success", value })
const failed: WireExit = { kind: "failure", reasons: [{ kind: "fail", error: "no", origin: undefined }] }
const interrupted: WireExit = { kind: "failure", reasons: [{ kind: "interrupt" }] }

const double: StartTask = (payload, observer) => observer.onSettled(succeeded(2 * (payload as number)))

const resultsOf = (exit: WireExit | undefined) => {
  assert.equal(exit?.kind, "success")
  return (exit as { readonly value: ChunkAnswer }).value.results
}

/** A chunk whose outcomes are gathered: there has to be one. */
const chunk = (payloads: ReadonlyArray<unknown>, mode: "stop" | "settle", start: StartTask) => {
  const exits: Array<WireExit> = []
  let resolve = () => {}
  const ended = new Promise<void>((done) => {
    resolve = done
  })
  const run = new ChunkRun(payloads, mode, start, (exit) => {
    exits.push(exit)
    resolve()
  })
  return { run, exits, ended }
}

/** Tasks that end when the test says so. */
const later = () => {
  const started: Array<TaskObserver> = []
  let interrupts = 0
  const start: StartTask = (_, observer) => {
    started.push(observer)
    observer.onFork({ interruptUnsafe: () => interrupts++ })
  }
  return { started, start, interrupts: () => interrupts }
}

describe("ChunkRun", () => {
  it("runs its tasks in their order, and answers once", async () => {
    const payloads = Array.from({ length: 100_000 }, (_, index) => index)
    const { ended, exits, run } = chunk(payloads, "stop", double)
    run.run()
    await ended
    assert.equal(exits.length, 1)
    assert.deepEqual(
      resultsOf(exits[0]),
      payloads.map((n) => 2 * n)
    )
  })

  it("nothing is answered with nothing", () => {
    const { exits, run } = chunk([], "stop", double)
    run.run()
    assert.deepEqual(resultsOf(exits[0]), [])
  })

  it("starts a task when the one before it has ended", () => {
    const { start, started } = later()
    const { exits, run } = chunk([1, 2], "stop", start)
    run.run()
    assert.equal(started.length, 1)
    started[0]?.onSettled(succeeded("a"))
    assert.equal(started.length, 2)
    started[1]?.onSettled(succeeded("b"))
    assert.deepEqual(resultsOf(exits[0]), ["a", "b"])
  })

  it("stops at the first failure, or settles all", () => {
    const start: StartTask = (payload, observer) => observer.onSettled(payload === 2 ? failed : succeeded(payload))
    const stopping = chunk([1, 2, 3], "stop", start)
    stopping.run.run()
    assert.deepEqual(stopping.exits, [failed])
    const settling = chunk([1, 2, 3], "settle", start)
    settling.run.run()
    assert.deepEqual(resultsOf(settling.exits[0]), [succeeded(1), failed, succeeded(3)])
  })

  it("an interrupt ends the task that runs, and starts no other", () => {
    for (const mode of ["stop", "settle"] as const) {
      const { interrupts, start, started } = later()
      const { exits, run } = chunk([1, 2], mode, start)
      run.run()
      run.interruptUnsafe()
      assert.equal(interrupts(), 1)
      // It ends by itself, as if it had not heard.
      started[0]?.onSettled(succeeded(1))
      assert.equal(started.length, 1)
      assert.deepEqual(exits, [interrupted])
    }
  })

  it("an interrupt that comes before the task has forked reaches it", () => {
    const { interrupts, start, started } = later()
    let run: ChunkRun | undefined
    const made = chunk([1], "stop", (payload, observer) => {
      run?.interruptUnsafe()
      start(payload, observer)
    })
    run = made.run
    run.run()
    assert.equal(interrupts(), 1)
    started[0]?.onSettled(interrupted)
    assert.deepEqual(made.exits, [interrupted])
  })

  it("an interrupt is heard between tasks that leave the event loop no turn", async () => {
    let started = 0
    // Endless, if nothing is heard: each task takes longer than the clock resolves.
    const spin: StartTask = (_, observer) => {
      started++
      for (const until = performance.now() + 0.1; performance.now() < until; );
      observer.onSettled(succeeded(undefined))
    }
    const { ended, exits, run } = chunk(Array(1_000_000).fill(0), "stop", spin)
    setImmediate(() => run.interruptUnsafe())
    run.run()
    await ended
    assert.deepEqual(exits, [interrupted])
    assert.isBelow(started, 1_000_000)
  })
})
