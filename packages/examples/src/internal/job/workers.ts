/**
 * The functions of a plain module on fibers, threads or in processes: the place is one word.
 *
 * @internal
 */
import * as FiberPool from "@ropewalk/core/FiberPool"
import type { InvalidOption, Module, Place, WorkerStartFailed } from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** `name` is the module's, in this package. */
export const workersOf = <M>(
  name: string,
  place: Place,
  size: number
): Effect.Effect<Module<M>, WorkerStartFailed | InvalidOption, Scope.Scope> => {
  const url = new URL(import.meta.resolve(`@ropewalk/examples/${name}`))
  return makers[place]<M>(url, { size })
}

const makers = { fiber: FiberPool.module, thread: ThreadPool.module, process: ProcessPool.module } as const

/** As "2 threads", "1 process", "1 fiber". */
export const inWords = (place: Place, workers: number): string =>
  workers === 1 ? `1 ${place}` : `${workers} ${place === "process" ? "processes" : `${place}s`}`
