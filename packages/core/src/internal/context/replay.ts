/**
 * The program's end of a worker's logs: each entry goes to the loggers of the task's caller, as if it had been logged there.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import type { LogLevel } from "effect/LogLevel"
import * as References from "effect/References"
import { fromWireError } from "../codec/wireError.ts"
import { InvalidOption } from "../errors.ts"
import { define } from "./logValue.ts"
import { fromPlainReason } from "./plainCause.ts"
import type { LogEntry } from "./wire.ts"

export type LogsOption = "caller" | "worker"

/** `pool` is the context in which the pool is made. Only plain JavaScript asks for what is neither. */
export const logSettings = (
  option: LogsOption = "caller",
  pool: Context.Context<never>
): Effect.Effect<LogSettings | undefined, InvalidOption> => {
  if (option === "worker") return Effect.succeed(undefined)
  if (option === "caller") {
    return Effect.succeed({ level: Context.get(pool, References.MinimumLogLevel), replay: replayIn(pool) })
  }
  const message = `logs must be "caller" or "worker", not ${String(option)}`
  return Effect.fail(new InvalidOption({ option: "logs", message }))
}

/** How a pool takes the logs of its workers. */
export interface LogSettings {
  /** The least level of what a worker logs outside of tasks. */
  readonly level: LogLevel
  readonly replay: Replay
}

/** `context` is the caller's, or `undefined` for what belongs to no call that is open. */
type Replay = (entry: LogEntry, worker: number, context: Context.Context<never> | undefined) => void

/**
 * `pool` is the context in which the pool was made. The entry is annotated with its `worker` and its `task`, unless the
 * caller or the task has annotations of those names. A logger that throws harms nobody: it runs on a fiber of its own.
 */
const replayIn =
  (pool: Context.Context<never>): Replay =>
  (entry, worker, caller = pool) => {
    const annotations: Record<string, unknown> = {
      worker,
      ...(entry.task === undefined ? {} : { task: entry.task }),
      ...Context.get(caller, References.CurrentLogAnnotations)
    }
    for (const [key, value] of Object.entries(entry.annotations)) define(annotations, key, fromWireError(value))
    const spans = Context.get(caller, References.CurrentLogSpans)
    const context = caller.pipe(
      Context.add(References.CurrentLogAnnotations, annotations),
      Context.add(References.CurrentLogSpans, [
        ...entry.spans.map(([label, since]): [string, number] => [label, since]),
        ...spans
      ])
    )
    Effect.runForkWith(context)(log(entry))
  }

const log = (entry: LogEntry): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const options = {
      message: entry.message.map(fromWireError),
      logLevel: entry.level,
      cause: Cause.fromReasons(entry.cause.map(fromPlainReason)),
      date: new Date(entry.time),
      fiber
    }
    for (const logger of fiber.getRef(Logger.CurrentLoggers)) logger.log(options)
    return Effect.void
  })
