/**
 * The options that all pools have, checked.
 *
 * @internal
 */
import { availableParallelism } from "node:os"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { logSettings } from "../context/replay.ts"
import { InvalidOption } from "../errors.ts"
import { count, millis, oneOf } from "../options.ts"
import type { FunctionCall, Setup, WorkerKind } from "../transport/Transport.ts"
import type { Overflow } from "./Admission.ts"
import type { DispatcherOptions } from "./Dispatcher.ts"
import type { LifeOptions, SizeInput } from "./lifeOptions.ts"
import { defaultCoolDown, defaultSchedule } from "./RestartPolicy.ts"
import type { PoolSize } from "./StaffOptions.ts"
import type { ContextOptions, MetricsOptions } from "./watchOptions.ts"

/** What `Pool.WorkerOptions`, `Pool.SizeOptions` and `Pool.LifeOptions` say, as far as it can be wrong. */
export interface PoolOptions extends LifeOptions, MetricsOptions, ContextOptions {
  readonly heapLimit?: number | undefined
  readonly memoryLimit?: number | undefined
  readonly size?: SizeInput | undefined
  readonly concurrency?: number | undefined
  readonly grace?: Duration.Input | undefined
  readonly startTimeout?: Duration.Input | undefined
  readonly validate?: boolean | undefined
  readonly initialise?: HookInput | undefined
  readonly teardown?: HookInput | undefined
  readonly queue?: { readonly capacity?: number | undefined; readonly overflow?: Overflow | undefined } | undefined
}

interface HookInput {
  readonly call: string
  readonly args?: ReadonlyArray<unknown> | undefined
}

/** MiB. With 1 or 2 V8 can't even start a thread, and ends the whole program. */
const leastHeap = 8

/** MiB. A process of Node takes 45 to 60 before it has done anything. */
const leastMemory = 64

const mebibyte = 1024 * 1024

const defaults = { grace: "1 second", startTimeout: "30 seconds", idleTime: "30 seconds" } as const

/** Milliseconds between two measurements of a worker's memory: of one that is only replaced, and of one that is killed. */
const recycleInterval = 1000
const killInterval = 100

const overflows: ReadonlyArray<Overflow> = ["suspend", "fail", "dropOldest"]

export const settingsOf = (options: PoolOptions): Effect.Effect<DispatcherOptions, InvalidOption> =>
  Effect.all({
    heapLimit: options.heapLimit === undefined ? Effect.void : count("heapLimit", options.heapLimit, leastHeap),
    size: sizeOf(options.size),
    concurrency: count("concurrency", options.concurrency ?? 1),
    grace: millis("grace", options.grace ?? defaults.grace),
    startTimeout: millis("startTimeout", options.startTimeout ?? defaults.startTimeout),
    validate: Effect.succeed(options.validate === true),
    idleTime: millis("idleTime", options.idleTime ?? defaults.idleTime),
    restart: Effect.succeed({ schedule: options.restart ?? defaultSchedule, coolDown: defaultCoolDown }),
    mostTasks: unlimited(options.recycle?.tasks, (tasks) => count("recycle.tasks", tasks)),
    recycle: Effect.all({ age: unlimited(options.recycle?.age, (age) => millis("recycle.age", age)) }),
    memory: Effect.all({
      recycleAbove: unlimited(options.recycle?.memory, (memory) => bytes("recycle.memory", memory, 1)),
      killAbove: unlimited(options.memoryLimit, (memory) => bytes("memoryLimit", memory, leastMemory)),
      interval: Effect.succeed(options.memoryLimit === undefined ? recycleInterval : killInterval)
    }),
    setup: Effect.succeed(setupOf(options)),
    logs: Effect.contextWith((context: Context.Context<never>) => logSettings(options.logs, context)),
    carry: Effect.succeed(options.carry ?? []),
    timed: Effect.succeed(options.metrics !== undefined && options.metrics !== false),
    capacity: capacity(options.queue?.capacity ?? Number.POSITIVE_INFINITY),
    overflow: oneOf("queue.overflow", options.queue?.overflow ?? "suspend", overflows)
  })

/** A number of workers, or a range. */
export const sizeOf = (size: SizeInput | undefined): Effect.Effect<PoolSize, InvalidOption> => {
  if (typeof size !== "object" || size === null) {
    const given = size === undefined ? availableParallelism() : size
    return Effect.map(count("size", given), (size) => ({ min: size, max: size }))
  }
  return Effect.flatMap(
    Effect.all({ min: count("size.min", size.min, 0), max: count("size.max", size.max) }),
    (range) =>
      range.min <= range.max
        ? Effect.succeed(range)
        : Effect.fail(
            new InvalidOption({
              option: "size",
              message: `size.min must not be above size.max, and ${range.min} is above ${range.max}`
            })
          )
  )
}

const unlimited = <A>(
  value: A | undefined,
  check: (value: A) => Effect.Effect<number, InvalidOption>
): Effect.Effect<number, InvalidOption> =>
  value === undefined ? Effect.succeed(Number.POSITIVE_INFINITY) : check(value)

const bytes = (option: string, value: number, least: number): Effect.Effect<number, InvalidOption> =>
  Effect.map(count(option, value, least), (value) => value * mebibyte)

const setupOf = ({ initialise, teardown }: PoolOptions): Setup | undefined =>
  initialise === undefined && teardown === undefined
    ? undefined
    : { initialise: hookOf(initialise), teardown: hookOf(teardown) }

const hookOf = (hook: HookInput | undefined): FunctionCall | undefined =>
  hook === undefined ? undefined : { call: hook.call, args: hook.args ?? [] }

const capacity = (value: number): Effect.Effect<number, InvalidOption> =>
  value === Number.POSITIVE_INFINITY ? Effect.succeed(value) : count("queue.capacity", value, 0)

/** Plain JavaScript may give a path. A URL is known by its shape: one of another realm is no instance of ours. */
export const workerUrl = (kind: WorkerKind, worker: URL): Effect.Effect<URL, InvalidOption> => {
  if (typeof (worker as Partial<URL> | null | undefined)?.href === "string") return Effect.succeed(worker)
  const option = kind === "group" ? "worker" : "url"
  const message = `${option} must be a URL, as new URL("./worker.js", import.meta.url), not ${String(worker)}`
  return Effect.fail(new InvalidOption({ option, message }))
}
