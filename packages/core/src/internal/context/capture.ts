/**
 * What a call takes along of its caller's context: the span it is in, its log annotations and level, and the references that
 * the pool was told to carry.
 *
 * It is read when the call is submitted. Calls mostly come in a row from one context, a flood of them always: what was read
 * from a context is kept until a call comes from another one, so that most calls pay for one comparison.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import type { LogLevel } from "effect/LogLevel"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { CallOptions } from "../dispatch/Call.ts"
import { toLogValues } from "./logValue.ts"
import type { WireContext, WireSpan } from "./wire.ts"

/** Part of the options of a call: see `with`. */
export interface Captured {
  /** The caller's: what the task logs is logged there. */
  readonly context: Context.Context<never> | undefined
  readonly extras: { readonly context: WireContext } | undefined
}

export class Capture {
  private readonly carry: ReadonlyArray<Context.Reference<any>>
  private readonly level: LogLevel | undefined
  private context: Context.Context<never> | undefined
  private captured: Captured = { context: undefined, extras: undefined }

  /** `level` is what the workers relay of themselves; `undefined` when they relay nothing. */
  constructor(carry: ReadonlyArray<Context.Reference<any>>, level: LogLevel | undefined) {
    this.carry = carry
    this.level = level
  }

  /** Of the fiber that runs now. */
  now(): Captured {
    const fiber = Fiber.getCurrent() as Fiber.Fiber<unknown, unknown>
    if (fiber.context === this.context) return this.captured
    const wire = this.read(fiber)
    this.context = fiber.context
    this.captured = { context: fiber.context, extras: wire === undefined ? undefined : { context: wire } }
    return this.captured
  }

  /** What else is said of a call, with what it takes along of the fiber that runs now. */
  with(options: CallOptions): CallOptions {
    const { context, extras } = this.now()
    if (extras === undefined) return { ...options, context }
    return { ...options, context, extras: { ...options.extras, ...extras } }
  }

  private read(fiber: Fiber.Fiber<unknown, unknown>): WireContext | undefined {
    const trace = propagated(fiber.cache.span)
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    const level = fiber.cache.minimumLogLevel
    const carried = this.readCarried(fiber.context)
    const wire: WireContext = {
      ...(trace === undefined ? {} : { trace }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations: toLogValues(annotations) }),
      ...(this.level === undefined || level === this.level ? {} : { level }),
      ...(carried === undefined ? {} : { carried })
    }
    return Object.keys(wire).length === 0 ? undefined : wire
  }

  /** One that the caller has not set is left to its default in the worker. */
  private readCarried(context: Context.Context<never>): Record<string, unknown> | undefined {
    let carried: Record<string, unknown> | undefined
    for (const reference of this.carry) {
      if (!context.mapUnsafe.has(reference.key)) continue
      carried ??= {}
      carried[reference.key] = Context.get(context, reference)
    }
    return carried
  }
}

/** The span, or the nearest one around it that is not kept to itself. */
const propagated = (span: Tracer.AnySpan | undefined): WireSpan | undefined => {
  for (let at = span; at !== undefined; at = at._tag === "Span" ? Option.getOrUndefined(at.parent) : undefined) {
    if (Context.get(at.annotations, Tracer.DisablePropagation)) continue
    return { traceId: at.traceId, spanId: at.spanId, sampled: at.sampled }
  }
  return undefined
}
