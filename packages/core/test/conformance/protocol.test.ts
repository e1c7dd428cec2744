/**
 * Workers that break the protocol, and workers that die at each of its steps. The first are replaced, and what they ran fails
 * with what they did; of the second it is exact what becomes of the call. No other call notices anything.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { watch } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as hostile from "../fixtures/hostile/worker.ts"
import { errorOf, reasonOf } from "../support/exits.ts"

const url = new URL("../fixtures/hostile/worker.ts", import.meta.url)
const early = new URL("../fixtures/hostile/early.ts", import.meta.url)

const makers = {
  thread: (options?: ThreadPool.ModuleOptions<typeof hostile>) =>
    ThreadPool.module<typeof hostile>(url, { size: 1, ...options }),
  process: (options?: ProcessPool.ModuleOptions<typeof hostile>) =>
    ProcessPool.module<typeof hostile>(url, { size: 1, ...options })
}

/** What the worker did, in the words of the error. */
const violationOf = (exit: Exit.Exit<unknown, unknown>): string => {
  const reason = reasonOf(exit)
  assert.instanceOf(reason, Pool.Uncaught)
  assert.match(String(reason.cause), /^Error: The worker broke the protocol: /)
  return (reason.cause as Error).message
}

/** Files by which a worker that blocks its thread and this program tell each other something. */
const signals = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "ropewalk-protocol-"))
    const heard = (name: string) =>
      Effect.promise(async (signal) => {
        for await (const { filename } of watch(folder, { signal })) if (filename === name) return
      })
    return {
      folder,
      file: (name: string) => join(folder, name),
      heard,
      say: (name: string) => writeFileSync(join(folder, name), "")
    }
  }),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** Until the first worker has been replaced. */
const restarted = (pool: Pool.Module<typeof hostile>): Effect.Effect<void> =>
  Effect.flatMap(Pool.statsOf(pool), ({ restarts }) =>
    restarts > 0
      ? Effect.void
      : Effect.andThen(
          Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void))),
          restarted(pool)
        )
  )

const plain = { kind: "value", value: 1 }
const error = {
  kind: "error",
  name: "Error",
  message: "",
  stack: undefined,
  fields: {},
  cause: undefined,
  errors: undefined
}

/** The second call of its worker is the one that says it. */
const own = 2
const settled = (exit: unknown, id: unknown = own) => ({ kind: "settled", id, exit })
const failure = (...reasons: ReadonlyArray<unknown>) => settled({ kind: "failure", reasons })

const deep = (levels: number): unknown => (levels === 0 ? error : { ...error, cause: deep(levels - 1) })

const noMessage = "sent what is no message"

const violations: ReadonlyArray<readonly [what: string, violation: string, ...messages: ReadonlyArray<unknown>]> = [
  ["null", noMessage, null],
  ["a text", noMessage, "text"],
  ["a list", noMessage, []],
  ["an object", noMessage, {}],
  ["an unknown kind", noMessage, { kind: "hello" }],
  ["a task for the program", noMessage, { kind: "run", id: 1, task: "add", payload: [], extras: undefined }],
  ["a very long text", noMessage, "x".repeat(2 ** 20)],
  ["an answer without an id", noMessage, { kind: "settled", exit: { kind: "success", value: 1 } }],
  ["an id that is no number", noMessage, settled({ kind: "success", value: 1 }, { toString: 1 })],
  ["an id that is no integer", noMessage, settled({ kind: "success", value: 1 }, 1.5)],
  ["an id below zero", noMessage, { kind: "dropped", id: -1 }],
  ["an answer without an exit", noMessage, { kind: "settled", id: own }],
  ["an exit of an unknown kind", noMessage, settled({ kind: "perhaps" })],
  ["reasons that are no list", noMessage, settled({ kind: "failure", reasons: "many" })],
  ["no reasons", noMessage, settled({ kind: "failure" })],
  ["a reason that is null", noMessage, failure(null)],
  ["a reason of an unknown kind", noMessage, failure({ kind: "perhaps" })],
  ["a defect that is none", noMessage, failure({ kind: "die", defect: 7 })],
  ["something thrown that is none", noMessage, failure({ kind: "interrupt" }, { kind: "thrown" })],
  ["an origin that is none", noMessage, failure({ kind: "fail", error: 1, origin: "here" })],
  ["an error whose message is none", noMessage, failure({ kind: "die", defect: { ...error, message: 1 } })],
  ["an error without fields", noMessage, failure({ kind: "die", defect: { ...error, fields: null } })],
  ["an error whose errors are no list", noMessage, failure({ kind: "die", defect: { ...error, errors: 1 } })],
  ["an error with an error that is none", noMessage, failure({ kind: "die", defect: { ...error, errors: [1] } })],
  ["a chain of causes without end", noMessage, failure({ kind: "die", defect: deep(500) })],
  ["a path that is no list", noMessage, settled({ kind: "unsendable", path: "a.b", cause: plain })],
  ["a path of objects", noMessage, settled({ kind: "unreadable", path: [{}], cause: plain })],
  ["no cause", noMessage, settled({ kind: "unsendable", path: [] })],
  ["an exception that is none", noMessage, { kind: "uncaught", cause: "boom" }],
  ["an answer to a call that it does not have", "answered call 77", settled({ kind: "success", value: 1 }, 77)],
  ["an answer to the call before", "answered call 1", settled({ kind: "success", value: 1 }, 1)],
  ["that it dropped what it runs", `dropped call ${own}`, { kind: "dropped", id: own }],
  ["that it dropped what it does not have", "dropped call 4098", { kind: "dropped", id: 4098 }],
  ["that it is ready, twice", "was ready twice", { kind: "ready" }],
  ["that it did not start, when it had", "did not start", { kind: "startFailed", cause: plain }]
]

for (const place of ["thread", "process"] as const) {
  const make = makers[place]

  describe(`${place}: a worker that breaks the protocol`, () => {
    it.live(
      "is replaced, its call fails with what it did, and its neighbours notice nothing",
      () =>
        Effect.gen(function* () {
          const other = yield* make()
          const bystander = yield* Effect.forkChild(other.never())
          const pool = yield* make()
          for (const [what, violation, ...messages] of violations) {
            assert.strictEqual(yield* pool.add(1, 2), 3, what)
            assert.include(violationOf(yield* Effect.exit(pool.say(...messages))), violation, what)
          }
          assert.strictEqual(yield* pool.add(20, 22), 42)
          assert.isUndefined(bystander.pollUnsafe())
          const { crashed, restarts } = yield* Pool.statsOf(pool)
          assert.deepEqual([crashed, restarts], [violations.length, violations.length])
        }),
      120_000
    )

    it.live("an error in no known form, from a plain function, is a typed error of its call", () =>
      Effect.gen(function* () {
        // The worker takes none of these calls for answered.
        const pool = yield* make({ concurrency: 4 })
        for (const [index, error] of [null, 5, { kind: "error" }].entries()) {
          const answer = settled({ kind: "failure", reasons: [{ kind: "fail", error, origin: undefined }] }, index + 1)
          assert.instanceOf(errorOf(yield* Effect.exit(pool.say(answer))), Pool.DecodeFailed)
        }
        assert.strictEqual(yield* pool.add(20, 22), 42)
        assert.strictEqual((yield* Pool.statsOf(pool)).restarts, 0)
      })
    )

    it.live("the first of two answers counts, and the second one is the worker's last", () =>
      Effect.gen(function* () {
        const pool = yield* make()
        const answer = settled({ kind: "success", value: "first" }, 1)
        assert.strictEqual((yield* pool.say(answer, answer)) as unknown, "first")
        yield* restarted(pool)
        assert.strictEqual(yield* pool.add(20, 22), 42)
      })
    )

    it.live("what it says after that is not heard", () =>
      Effect.gen(function* () {
        const pool = yield* make()
        const exit = yield* Effect.exit(pool.say("garbage", settled({ kind: "success", value: "late" }, 1)))
        assert.include(violationOf(exit), noMessage)
      })
    )

    it.live("an answer to a call that was taken back", () =>
      Effect.gen(function* () {
        const { file, heard, say } = yield* signals
        const pool = yield* make({ concurrency: 2, grace: "1 hour" })
        const hear = yield* Effect.forkChild(heard("begun"), { startImmediately: true })
        const answer = settled({ kind: "success", value: "revoked" }, 2)
        const first = yield* Effect.forkChild(pool.blockAndSay(file("begun"), file("gate"), answer), {
          startImmediately: true
        })
        yield* Fiber.join(hear)
        const second = yield* Effect.forkChild(pool.add(1, 1), { startImmediately: true })
        // On a process the answer to the revocation comes from a thread that the first task does not block.
        yield* Fiber.interrupt(second)
        say("gate")
        assert.include(violationOf(yield* Fiber.await(first)), "answered call 2")
        assert.strictEqual(yield* pool.add(20, 22), 42)
      })
    )

    const module = place === "thread" ? ThreadPool.module : ProcessPool.module
    const saying = (...messages: ReadonlyArray<unknown>) => {
      const location = new URL(early)
      location.searchParams.set("say", JSON.stringify(messages))
      return module<{ readonly add: (a: number, b: number) => number }>(location, { size: 1 })
    }

    for (const [what, violation, message] of [
      ["an answer", "answered call 1", settled({ kind: "success", value: 1 }, 1)],
      ["garbage", noMessage, "garbage"]
    ] as const) {
      it.live(`${what} before it is ready fails the start, with what it did`, () =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(saying(message))
          assert.instanceOf(error, Pool.WorkerStartFailed)
          assert.include(String(error.cause), `The worker broke the protocol: it ${violation}`)
        })
      )
    }

    it.live("a worker that is ready twice, each time that it starts, fails the call that waits for it", () =>
      Effect.gen(function* () {
        const pool = yield* saying({ kind: "ready" })
        const error = errorOf(yield* Effect.exit(pool.add(1, 2)))
        assert.include(String((error as { readonly message: string }).message), "was ready twice")
      })
    )
  })

  describe(`${place}: a worker that dies`, () => {
    const died = place === "thread" ? new Pool.Exited({ code: 9 }) : new Pool.Killed({ signal: "SIGKILL" })
    // A process keeps its claims to itself: the call that it would have started next may have been started.
    const unclaimed = place === "thread" ? "answered elsewhere" : "fails"
    const steps: ReadonlyArray<readonly [hostile.Step, "fails" | "answered" | "answered elsewhere"]> = [
      ["before the claim", unclaimed],
      ["after the claim", "fails"],
      ["in the handler", "fails"],
      ["before the answer is written", "fails"],
      ["before the answer is published", "fails"],
      ["after the answer is written", "answered"],
      ["before the wake-up", "answered"]
    ]

    for (const [step, outcome] of steps) {
      it.live(`P53: ${step}: its call ${outcome === "fails" ? "fails" : `is ${outcome}`}`, () =>
        Effect.gen(function* () {
          const pool = yield* make()
          yield* pool.arm(step)
          const exit = yield* Effect.exit(pool.victim(42))
          if (outcome === "fails") assert.deepEqual(reasonOf(exit), died)
          else assert.deepEqual(exit, Exit.succeed(42))
          yield* restarted(pool)
          assert.strictEqual(yield* pool.add(20, 22), 42)
          const { completed, crashed } = yield* Pool.statsOf(pool)
          assert.deepEqual([completed, crashed], outcome === "fails" ? [2, 1] : [3, 0])
        })
      )
    }

    it.live("P53: with offers that it has not come to: they are answered elsewhere", () =>
      Effect.gen(function* () {
        const { file, heard } = yield* signals
        const pool = yield* make({ concurrency: 4 })
        const hear = yield* Effect.forkChild(heard("begun"), { startImmediately: true })
        // All four are sent at once, and the first never lets it come to the others.
        const first = yield* Effect.forkChild(pool.block(file("begun"), file("gate")), { startImmediately: true })
        const others = yield* Effect.forEach([1, 2, 3], (n) =>
          Effect.forkChild(pool.add(n, n), { startImmediately: true })
        )
        yield* Fiber.join(hear)
        const [worker] = (yield* Pool.statsOf(pool)).workers
        assert.isDefined(worker)
        if (place === "process") {
          process.kill(worker.id, "SIGKILL")
          // Any of the four may have been started: all run at the same time.
          for (const fiber of [first, ...others]) assert.deepEqual(reasonOf(yield* Fiber.await(fiber)), died)
        } else {
          yield* Fiber.interrupt(first)
          assert.deepEqual(yield* Effect.forEach(others, Fiber.join), [2, 4, 6])
        }
        assert.strictEqual(yield* pool.add(20, 22), 42)
      })
    )

    it.live("P53: at its close: the pool closes, and the call that it ran fails with that", () =>
      Effect.gen(function* () {
        const { file, heard } = yield* signals
        const hear = yield* Effect.forkChild(heard("begun"), { startImmediately: true })
        const running = yield* Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* make({ grace: 1 })
            const fiber = yield* Effect.forkDetach(pool.block(file("begun"), file("gate")), { startImmediately: true })
            yield* Fiber.join(hear)
            return fiber
          })
        )
        assert.instanceOf(errorOf(yield* Fiber.await(running)), Pool.PoolClosed)
      })
    )

    it.live("P53: when it would say that it dropped what was taken back: the call before is answered", () =>
      Effect.gen(function* () {
        const { file, heard, say } = yield* signals
        const pool = yield* make({ concurrency: 2, grace: "1 hour" })
        const hear = yield* Effect.forkChild(heard("begun"), { startImmediately: true })
        const first = yield* Effect.forkChild(pool.blockAndDieAtDrop(file("begun"), file("gate")), {
          startImmediately: true
        })
        yield* Fiber.join(hear)
        const second = yield* Effect.forkChild(pool.add(1, 1), { startImmediately: true })
        yield* Fiber.interrupt(second)
        say("gate")
        assert.strictEqual(yield* Fiber.join(first), 1)
        yield* restarted(pool)
        assert.strictEqual(yield* pool.add(20, 22), 42)
      })
    )
  })
}
