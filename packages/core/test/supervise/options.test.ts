/** Options that make no sense are refused before anything starts. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { troupe } from "../support/troupe.ts"

describe("bad options", () => {
  const run = Effect.never
  const bad: ReadonlyArray<readonly [string, Supervisor.Options, string]> = [
    [
      "two of one id",
      {
        children: [
          { id: "a", run },
          { id: "a", run }
        ].map(Supervisor.child)
      },
      "children"
    ],
    ["no id", { children: [Supervisor.child({ id: "", run })] }, "id"],
    ["a strategy", { strategy: "oneForNone" as never }, "strategy"],
    ["restarts", { intensity: { restarts: -1, within: 1000 } }, "intensity.restarts"],
    ["half a restart", { intensity: { restarts: 0.5, within: 1000 } }, "intensity.restarts"],
    ["no period", { intensity: { restarts: 1, within: 0 } }, "intensity.within"],
    ["a bad period", { intensity: { restarts: 1, within: Number.NaN } }, "intensity.within"],
    ["autoShutdown", { autoShutdown: "always" as never }, "autoShutdown"],
    ["a kind", { children: [Supervisor.child({ id: "a", run, restart: "never" as never })] }, 'restart of child "a"'],
    ["a shutdown", { children: [Supervisor.child({ id: "a", run, shutdown: -1 })] }, 'shutdown of child "a"'],
    ["nothing to run", { children: [Supervisor.child({ id: "a" } as never)] }, 'start of child "a"'],
    [
      "both",
      { children: [Supervisor.child({ id: "a", run, start: Effect.succeed(run) } as never)] },
      'start of child "a"'
    ],
    [
      "significant and permanent",
      { autoShutdown: "anySignificant", children: [Supervisor.child({ id: "a", run, significant: true })] },
      'significant of child "a"'
    ],
    [
      "significant without autoShutdown",
      { children: [Supervisor.child({ id: "a", run, significant: true, restart: "transient" })] },
      'significant of child "a"'
    ],
    [
      "no failures",
      {
        children: [
          Supervisor.child({
            id: "a",
            run,
            health: { check: () => Effect.void, schedule: Schedule.forever, failures: 0 }
          })
        ]
      },
      'health.failures of child "a"'
    ],
    [
      "a bad timeout",
      {
        children: [
          Supervisor.child({
            id: "a",
            run,
            health: { check: () => Effect.void, schedule: Schedule.forever, timeout: -1 }
          })
        ]
      },
      'health.timeout of child "a"'
    ]
  ]
  for (const [name, options, option] of bad) {
    it.effect(`${name}: nothing starts`, () =>
      Effect.gen(function* () {
        const { child, read } = troupe()
        const children = [child("first"), ...(options.children ?? [])]
        const error = yield* Effect.flip(Effect.scoped(Supervisor.make({ ...options, children })))
        assert.deepInclude(error, { _tag: "InvalidOption", option })
        assert.deepEqual(read(), [])
      })
    )
  }

  it.effect("of a child that is added later, too; and a start that answers with nothing to run is a failure", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make({ intensity: { restarts: 0, within: 1000 } })
      assert.deepInclude(yield* Effect.flip(supervisor.startChild(Supervisor.child({ id: "", run }))), { option: "id" })
      const empty = Supervisor.child({ id: "a", start: Effect.succeed(null as never) })
      yield* supervisor.startChild(empty as Supervisor.Child)
      assert.include((yield* Effect.flip(supervisor.join)).message, "start has to answer with an Effect")
    })
  )
})
