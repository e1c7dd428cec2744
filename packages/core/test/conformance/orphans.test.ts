/** Nothing outlives its scope, its program, or the kill of its program; and nothing keeps a program alive by itself. */
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as places from "../fixtures/places.ts"

const program = fileURLToPath(new URL("../fixtures/program.ts", import.meta.url))

interface Run {
  readonly child: ChildProcess
  /** Waits for output that contains `text`, and answers with all of it. */
  readonly output: (text: string) => Effect.Effect<string>
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly signal: string | null }>
}

/** The program in a process group of its own, so that a signal to the group is what Ctrl-C is in a terminal. */
const run = (what: string, place: string) =>
  Effect.acquireRelease(
    Effect.sync((): Run => {
      const child = spawn(process.execPath, [program, what, place], {
        stdio: ["ignore", "pipe", "pipe"],
        detached: true
      })
      let printed = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          printed += chunk
        })
      }
      const ended = new Promise<{ readonly code: number | null; readonly signal: string | null }>((resolve) => {
        child.once("close", (code, signal) => resolve({ code, signal }))
      })
      return {
        child,
        exit: Effect.promise(() => ended),
        output: (text) =>
          Effect.callback((resume) => {
            const look = () => {
              if (!printed.includes(text)) return
              child.stdout.off("data", look)
              resume(Effect.succeed(printed))
            }
            child.stdout.on("data", look)
            look()
          })
      }
    }),
    ({ child }) =>
      Effect.sync(() => {
        try {
          process.kill(-(child.pid as number), "SIGKILL")
        } catch {
          // It has ended, and all that it started.
        }
      })
  )

const pidsIn = (output: string): Array<number> =>
  (/workers ([\d ]+)/.exec(output)?.[1] ?? "").trim().split(" ").map(Number)

/** A process that nobody has waited for yet is dead all the same. */
const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Asks the system until all are gone. The test's own time limit bounds it. */
const gone = (pids: ReadonlyArray<number>) =>
  Effect.sync(() => pids.filter(isRunning)).pipe(
    Effect.repeat({ until: (left) => left.length === 0, schedule: Schedule.spaced("20 millis") })
  )

describe.skipIf(process.platform !== "linux")("a program that is killed", () => {
  it.live("P33: SIGKILL leaves no worker process, not even one that spins", () =>
    Effect.gen(function* () {
      const { child, output } = yield* run("busy", "process")
      yield* output("started w")
      const pids = pidsIn(yield* output("started s"))
      assert.equal(pids.filter(isRunning).length, 2)
      child.kill("SIGKILL")
      yield* gone(pids)
    })
  )

  it.live("P33: a grandchild that spins ends when its parent is killed", () =>
    Effect.gen(function* () {
      const { heard, pool } = yield* places.process.make()
      const task = yield* Effect.forkChild(Effect.exit(pool.run("Nest")))
      yield* heard("started nested")
      const grandchild = Number((yield* heard("nested ")).split(" ")[1])
      assert.isTrue(isRunning(grandchild))
      const [child] = (yield* pool.stats).workers
      process.kill(child?.id as number, "SIGKILL")
      yield* gone([grandchild])
      yield* Fiber.join(task)
    })
  )

  it.live("process.exit leaves no worker process", () =>
    Effect.gen(function* () {
      const { exit, output } = yield* run("exit", "process")
      const pids = pidsIn(yield* output("done"))
      assert.equal((yield* exit).code, 3)
      yield* gone(pids)
    })
  )

  for (const place of ["thread", "process"]) {
    it.live(`Ctrl-C closes the scope, stops what spins, and ends the program (${place})`, () =>
      Effect.gen(function* () {
        const { child, exit, output } = yield* run("busy", place)
        yield* output("started w")
        const pids = pidsIn(yield* output("started s"))
        process.kill(-(child.pid as number), "SIGINT")
        assert.equal((yield* exit).code, 130)
        const printed = yield* output("closing")
        assert.include(printed, "finalized w")
        assert.notMatch(printed, /Error|at .*:\d+:\d+/)
        if (place === "process") assert.deepEqual(pids.filter(isRunning), [])
      })
    )
  }
})

describe("a program with pools", () => {
  for (const place of ["thread", "process"]) {
    it.live(`ends by itself when it awaits nothing, whatever pool is open (${place})`, () =>
      Effect.gen(function* () {
        const { exit, output } = yield* run("unclosed", place)
        const pids = pidsIn(yield* output("done"))
        assert.deepEqual(yield* exit, { code: 0, signal: null })
        if (place === "process") yield* gone(pids)
      })
    )

    it.live(`does not end while it waits for a task to stop (${place})`, () =>
      Effect.gen(function* () {
        const { exit, output } = yield* run("stopping", place)
        yield* output("done")
        assert.deepEqual(yield* exit, { code: 0, signal: null })
      })
    )

    it.live(`does not end while it awaits a task (${place})`, () =>
      Effect.gen(function* () {
        const { exit, output } = yield* run("awaiting", place)
        const printed = yield* output("done")
        assert.include(printed, "line 0")
        assert.deepEqual(yield* exit, { code: 0, signal: null })
      })
    )
  }
})
