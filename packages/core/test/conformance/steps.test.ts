/** P53: what goes wrong at a step of a task's way is its own exact error, and the next task finds the pool whole. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { exitCode, type Harm, type Step, Steps } from "../fixtures/steps/tasks.ts"
import { errorOf } from "../support/exits.ts"

const worker = new URL("../fixtures/steps/worker.ts", import.meta.url)

type Walked = Exit.Exit<unknown, unknown>

const isError = (tag: "EncodeFailed" | "DecodeFailed", what: "payload" | "result") => (exit: Walked) => {
  const error = errorOf(exit) as Pool.EncodeFailed | Pool.DecodeFailed
  assert.deepEqual([error._tag, error.what, error.task], [tag, what, "Walk"])
}

const isDefect = (message: string) => (exit: Walked) => {
  assert.isTrue(Exit.isFailure(exit))
  const defects = Exit.isFailure(exit) ? exit.cause.reasons.filter(Cause.isDieReason) : []
  assert.deepEqual(
    defects.map(({ defect }) => (defect as Error).message),
    [message]
  )
}

const isExit = (exit: Walked) => {
  const error = errorOf(exit)
  assert.instanceOf(error, Pool.WorkerCrashed)
  assert.deepEqual((error as Pool.WorkerCrashed).reason, new Pool.Exited({ code: exitCode }))
}

/** Without the steps of the caller that would exit the program itself. */
const steps: ReadonlyArray<readonly [step: Step, harm: Harm, check: (exit: Walked) => void]> = [
  ["write payload", "fail", isError("EncodeFailed", "payload")],
  ["write payload", "throw", isDefect("write payload")],
  ["read payload", "fail", isError("DecodeFailed", "payload")],
  ["read payload", "throw", isDefect("read payload")],
  ["read payload", "exit", isExit],
  ["run", "fail", (exit) => assert.deepEqual(errorOf(exit), { refused: "run fail" })],
  ["run", "throw", isDefect("run")],
  ["run", "exit", isExit],
  ["write result", "fail", isError("EncodeFailed", "result")],
  ["write result", "throw", isDefect("write result")],
  ["write result", "exit", isExit],
  ["read result", "fail", isError("DecodeFailed", "result")],
  ["read result", "throw", isDefect("read result")]
]

for (const [place, make] of [
  ["thread", ThreadPool.make],
  ["process", ProcessPool.make]
] as const) {
  describe(place, () => {
    for (const [step, harm, check] of steps) {
      it.live(`P53: ${step}: ${harm}`, () =>
        Effect.gen(function* () {
          const pool = yield* make(Steps, { worker, size: 1 })
          check(yield* Effect.exit(pool.run("Walk", { word: `${step} ${harm}` })))
          assert.equal(yield* pool.run("Walk", { word: "home" }), "home")
          assert.equal((yield* pool.stats).restarts, harm === "exit" ? 1 : 0)
        })
      )
    }
  })
}
