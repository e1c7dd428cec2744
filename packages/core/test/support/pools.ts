/** What tests ask of a pool when they are done with it. */
import { assert } from "@effect/vitest"
import type * as Pool from "@ropewalk/core/Pool"
import * as Effect from "effect/Effect"

interface Measured {
  readonly stats: Effect.Effect<Pool.PoolStats>
}

/** Nothing waits, and nothing runs. */
export const idle = ({ stats }: Measured): Effect.Effect<void> =>
  Effect.map(stats, ({ queued, running }) => assert.deepEqual({ queued, running }, { queued: 0, running: 0 }))
