/** W26, on a real thread that the system holds: the timers are short here, since nothing else could show it sooner. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { ObservedCall, type Outcome } from "../../../src/internal/dispatch/Call.ts"
import { Dispatcher } from "../../../src/internal/dispatch/Dispatcher.ts"
import { closing } from "../../../src/internal/dispatch/poolControl.ts"
import { settingsOf } from "../../../src/internal/dispatch/settings.ts"
import { threadTransport } from "../../../src/internal/transport/threadTransport.ts"
import { WorkerStuck } from "../../../src/Pool.ts"

const transport = threadTransport({
  kind: "module",
  worker: new URL("../../fixtures/lifecycle.ts", import.meta.url),
  name: "held",
  env: undefined,
  resourceLimits: undefined,
  onOutput: undefined
})

describe.skipIf(process.platform === "win32")("thread", () => {
  it.live("W26: a thread that won't die is an error, not a hang; the pool goes on without it", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "ropewalk-"))
      const fifo = join(folder, "fifo")
      execFileSync("mkfifo", [fifo])
      const settings = yield* settingsOf({ size: 1, grace: 10 })
      const dispatcher = new Dispatcher(transport, { ...settings, stuckAfter: 10 })
      yield* Effect.callback<void>((resume) => dispatcher.staff.start(() => resume(Effect.void)))

      const blocked = new ObservedCall("blockOn", [fifo], () => {})
      dispatcher.submit(blocked)
      yield* Effect.repeat(
        Effect.sync(() => [...dispatcher.staff.sessions].some((session) => session.hasStarted(blocked))),
        { until: (started) => started === true, schedule: Schedule.spaced("1 millis") }
      )
      const stuck = yield* Effect.callback<unknown>((resume) =>
        dispatcher.withdraw(blocked, (stuck) => resume(Effect.succeed(stuck)))
      )
      assert.instanceOf(stuck, WorkerStuck)
      assert.equal((stuck as WorkerStuck).millis, 10)

      const outcome = yield* Effect.callback<Outcome>((resume) =>
        dispatcher.submit(new ObservedCall("stateOf", [], (outcome) => resume(Effect.succeed(outcome))))
      )
      assert.equal(outcome.kind, "replied")
      // Lets it go, or the program could not end.
      writeFileSync(fifo, "")
      yield* closing(dispatcher).pipe(Effect.ignoreCause)
      rmSync(folder, { recursive: true })
    })
  )
})
