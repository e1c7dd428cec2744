/**
 * A task that answers with a stream, on a fiber: the same window as on a worker, and nothing is encoded.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { StreamOptions } from "../../Pool.ts"
import { count } from "../options.ts"
import { type Emit, emitTo, pullFrom, streamFrom } from "../stream/effects.ts"
import { StreamInbox } from "../stream/StreamInbox.ts"
import { StreamOutlet } from "../stream/StreamOutlet.ts"
import { defaultWindow } from "./streamTask.ts"

/** `run` is the call of a task that gives its elements to `emit`. */
export const fiberStream = (
  task: string,
  run: (emit: Emit) => Effect.Effect<unknown, unknown>,
  options: StreamOptions | undefined
): Stream.Stream<unknown, unknown> =>
  streamFrom((scope) =>
    Effect.gen(function* () {
      const window = yield* count("window", options?.window ?? defaultWindow)
      const inbox = new StreamInbox<Exit.Exit<unknown, unknown>>(window, (count) => outlet.grant(count))
      // A copy: the array is the task's, and the inbox changes its own.
      const outlet = new StreamOutlet(window, (values) => void inbox.receive([...values]))
      const call = Effect.onExit(run(emitTo(outlet)), (exit) => Effect.sync(() => inbox.finish(exit)))
      yield* Effect.forkIn(call, scope, { startImmediately: true })
      return pullFrom(inbox, undefined, (exit) => Effect.flatMap(exit, () => Cause.done()), task)
    })
  )
