/**
 * The same for fibers, where nothing has to cross: the handlers' context was put together when the pool was made, and must not
 * hide what the caller's fiber says of the call.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"

/** What a thread or process is told, or what its entries are logged with here. */
const always: ReadonlyArray<string> = [
  Tracer.ParentSpan,
  References.CurrentLogAnnotations,
  References.CurrentLogSpans,
  References.MinimumLogLevel,
  Logger.CurrentLoggers
].map(({ key }) => key)

/** Provides a task with the context of its handler, except for what is its caller's. */
export const inheriting = (
  carry: ReadonlyArray<Context.Reference<any>>
): ((handler: Context.Context<never>, task: Effect.Effect<unknown, unknown>) => Effect.Effect<unknown, unknown>) => {
  const keys = [...always, ...carry.map(({ key }) => key)]
  const stripped = new WeakMap<object, Context.Context<never>>()

  /** Absent, a key is the caller's. */
  const strip = (context: Context.Context<never>): Context.Context<never> => {
    const known = stripped.get(context)
    if (known !== undefined) return known
    const entries = new Map(context.mapUnsafe)
    for (const key of keys) entries.delete(key)
    const result = Context.makeUnsafe<never>(entries)
    stripped.set(context, result)
    return result
  }
  return (handler, task) => Effect.provideContext(task, strip(handler))
}
