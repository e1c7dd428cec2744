/** The three makers of module pools, under one shape. */
import * as FiberPool from "@ropewalk/core/FiberPool"
import type * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export type Maker = <M>(
  url: URL,
  output?: (line: Pool.OutputLine) => Effect.Effect<void>
) => Effect.Effect<Pool.Module<M>, Pool.WorkerStartFailed | Pool.InvalidOption, Scope.Scope>

/** All functions here end by themselves when they are interrupted, on a busy machine later than usual. */
const grace = "1 hour"

export const workers: Readonly<Record<"thread" | "process", Maker>> = {
  thread: (url, output) => ThreadPool.module(url, { size: 1, grace, output }),
  process: (url, output) => ProcessPool.module(url, { size: 1, grace, output })
}

export const places: Readonly<Record<Pool.Place, Maker>> = {
  fiber: (url) => FiberPool.module(url, { size: 1 }),
  ...workers
}

export const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url)
