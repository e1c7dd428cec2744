/**
 * What the pools of all places do in the same way around one task.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { RunOptions, StreamOptions } from "../../Pool.ts"
import { InvalidOption } from "../errors.ts"
import { TaskTimeout } from "../poolErrors.ts"

/** `Pool.run` without its types: tags, payloads and errors are what the group says. */
export type TaskRunner = (tag: string, payload?: unknown, options?: RunOptions) => Effect.Effect<unknown, unknown>

/** `Pool.stream` without its types. */
export type StreamRunner = (tag: string, payload?: unknown, options?: StreamOptions) => Stream.Stream<unknown, unknown>

/** `limit` is in milliseconds. `phase` is asked once the task has been stopped: it says where it was then. */
export const withTimeout = (
  effect: Effect.Effect<unknown, unknown>,
  task: string,
  limit: number | undefined,
  phase: () => "queued" | "running"
): Effect.Effect<unknown, unknown> =>
  limit === undefined
    ? effect
    : Effect.timeoutOrElse(effect, {
        duration: Duration.millis(limit),
        orElse: () => Effect.fail(new TaskTimeout({ task, phase: phase(), millis: limit }))
      })

/** Only an untyped caller gets here. */
export const unknownTask = (tag: string, known: Iterable<string>): InvalidOption =>
  new InvalidOption({ option: "tag", message: `The group has no task "${tag}"; it has ${[...known].join(", ")}` })

/** Only an untyped caller gets here. */
export const unfitCall = (tag: string, isStream: boolean): InvalidOption =>
  new InvalidOption({
    option: "tag",
    message: isStream
      ? `"${tag}" answers with a stream: call it with stream, not with run`
      : `"${tag}" answers once: call it with run, not with stream`
  })
