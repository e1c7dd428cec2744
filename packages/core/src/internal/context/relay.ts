/**
 * The worker's logger: it sends each entry to the program, with the task that it belongs to.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"
import { fromWireError } from "../codec/wireError.ts"
import type { ParentLink } from "../transport/Transport.ts"
import { define, toLogValue } from "./logValue.ts"
import { toPlainReason } from "./plainCause.ts"
import type { LogEntry, WireContext } from "./wire.ts"

/** The task whose fibers log. */
export class LogSite {
  readonly id: number
  readonly task: string
  /** The caller's annotations, as its fibers find them. */
  readonly annotations: Readonly<Record<string, unknown>>
  /** Its answer has been sent, or is about to be: what its fibers log now is no longer the caller's. */
  ended = false

  constructor(id: number, task: string, wire: WireContext | undefined) {
    this.id = id
    this.task = task
    this.annotations = wire?.annotations === undefined ? none : decoded(wire.annotations)
  }
}

export const CurrentLogSite: Context.Reference<LogSite | undefined> = Context.Reference<LogSite | undefined>(
  "~ropewalk/context/CurrentLogSite",
  { defaultValue: () => undefined }
)

type RelayLink = Pick<ParentLink, "relayLevel" | "send">

const relays = new WeakMap<RelayLink, Logger.Logger<unknown, void>>()

/**
 * The context in which the worker's own effects run: what they log goes to the program, in the place of the console. Loggers
 * that the worker's layer has added stay beside it. As it is, when the pool leaves logs to the worker.
 */
export const relayed = <R>(link: RelayLink, context: Context.Context<R>): Context.Context<R> => {
  if (link.relayLevel === undefined) return context
  const loggers = new Set(Context.get(context, Logger.CurrentLoggers))
  loggers.delete(Logger.defaultLogger)
  loggers.add(relayOf(link))
  return context.pipe(
    Context.add(Logger.CurrentLoggers, loggers),
    Context.add(References.MinimumLogLevel, link.relayLevel)
  )
}

const relayOf = (link: RelayLink): Logger.Logger<unknown, void> => {
  const known = relays.get(link)
  if (known !== undefined) return known
  const relay = Logger.make<unknown, void>((options) => {
    const site = options.fiber.getRef(CurrentLogSite)
    const isOpen = site !== undefined && !site.ended
    // The level of a task that has ended was its caller's.
    if (!isOpen && LogLevel.isGreaterThan(link.relayLevel ?? "None", options.logLevel)) return
    const id = isOpen ? site.id : -1
    try {
      link.send({ kind: "log", id, entry: entryOf(options, site) })
    } catch (thrown) {
      // Too long for a message.
      link.send({ kind: "log", id, entry: entryOf({ ...options, message: `[not sent: ${thrown}]` }, site) })
    }
  })
  relays.set(link, relay)
  return relay
}

const entryOf = (options: Logger.Options<unknown>, site: LogSite | undefined): LogEntry => {
  const { cause, date, fiber, logLevel, message } = options
  const spans = fiber.getRef(References.CurrentLogSpans)
  return {
    level: logLevel as LogEntry["level"],
    time: date.getTime(),
    message: (Array.isArray(message) ? message : [message]).map(toLogValue),
    cause: cause.reasons.map(toPlainReason),
    annotations: added(fiber.getRef(References.CurrentLogAnnotations), site?.annotations ?? none),
    spans: spans.map(([label, since]) => [label, since]),
    task: site?.task
  }
}

const none: Readonly<Record<string, never>> = {}

/** The caller knows its own annotations, and has them as they were before they crossed. */
const added = (annotations: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>) => {
  const entries: LogEntry["annotations"] & Record<string, never> = {}
  for (const key of Object.keys(annotations)) {
    if (!Object.hasOwn(given, key) || annotations[key] !== given[key])
      define(entries, key, toLogValue(annotations[key]))
  }
  return entries as LogEntry["annotations"]
}

const decoded = (annotations: NonNullable<WireContext["annotations"]>): Record<string, unknown> => {
  const record: Record<string, unknown> = {}
  for (const key of Object.keys(annotations)) define(record, key, fromWireError(annotations[key] as never))
  return record
}
