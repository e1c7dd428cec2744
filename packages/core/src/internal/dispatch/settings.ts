/**
 * The options that all pools have, checked.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { InvalidOption } from "../errors.ts"
import { count, millis } from "../options.ts"
import type { WorkerKind } from "../transport/Transport.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"

/** What `Pool.WorkerOptions` and `Pool.SizeOptions` say, as far as it can be wrong. */
export interface PoolOptions {
  readonly heapLimit?: number | undefined
  readonly size?: number | undefined
  readonly concurrency?: number | undefined
  readonly grace?: Duration.Input | undefined
  readonly startTimeout?: Duration.Input | undefined
  readonly validate?: boolean | undefined
}

/** MiB. With 1 or 2 V8 can't even start a thread, and ends the whole program. */
const leastHeap = 8

const defaults = { grace: "1 second", startTimeout: "30 seconds" } as const

export const settingsOf = (options: PoolOptions): Effect.Effect<DispatcherOptions, InvalidOption> =>
  Effect.all({
    heapLimit: options.heapLimit === undefined ? Effect.void : count("heapLimit", options.heapLimit, leastHeap),
    size: count("size", options.size ?? availableParallelism()),
    concurrency: count("concurrency", options.concurrency ?? 1),
    grace: millis("grace", options.grace ?? defaults.grace),
    startTimeout: millis("startTimeout", options.startTimeout ?? defaults.startTimeout),
    validate: Effect.succeed(options.validate === true),
    capacity: Effect.succeed(Number.POSITIVE_INFINITY),
    overflow: Effect.succeed("suspend" as const)
  })

/** Plain JavaScript may give a path. A URL is known by its shape: one of another realm is no instance of ours. */
export const workerUrl = (kind: WorkerKind, worker: URL): Effect.Effect<URL, InvalidOption> => {
  if (typeof (worker as Partial<URL> | null | undefined)?.href === "string") return Effect.succeed(worker)
  const option = kind === "group" ? "worker" : "url"
  const message = `${option} must be a URL, as new URL("./worker.js", import.meta.url), not ${String(worker)}`
  return Effect.fail(new InvalidOption({ option, message }))
}
