/**
 * A task that answers with a stream, on a worker: it is submitted when the stream is run, and has ended when the stream has.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Place, StreamOptions } from "../../Pool.ts"
import { CallContext, CarriedCall } from "../codec/CallContext.ts"
import { describeIssue } from "../codec/describeIssue.ts"
import { convertAll } from "../codec/elements.ts"
import type { CallCodec, ElementCodec } from "../codec/taskCodec.ts"
import { sendable } from "../codec/transfers.ts"
import { count, millis } from "../options.ts"
import { DecodeFailed, TaskTimeout } from "../poolErrors.ts"
import { pullFrom, streamFrom } from "../stream/effects.ts"
import { StreamInbox } from "../stream/StreamInbox.ts"
import { type Call, ObservedCall, type Outcome } from "./Call.ts"
import { probeOf } from "./CallProbe.ts"
import type { Dispatcher } from "./Dispatcher.ts"

/** How many elements may be under way, if the caller does not say. */
export const defaultWindow = 128

type StreamCodec = Pick<CallCodec, "decodeExit" | "encodePayload" | "movedWith"> & {
  readonly elements: ElementCodec | undefined
}

type End = Exclude<Outcome, { readonly kind: "withdrawn" }> | { readonly kind: "late"; readonly error: TaskTimeout }

export const streamTask = (
  dispatcher: Dispatcher,
  place: Place,
  task: string,
  codec: StreamCodec,
  payload: unknown,
  options: StreamOptions | undefined
): Stream.Stream<unknown, unknown> =>
  streamFrom((scope) =>
    Effect.gen(function* () {
      const window = yield* count("window", options?.window ?? defaultWindow)
      const limit = options?.timeout === undefined ? undefined : yield* millis("timeout", options.timeout)
      const carried = new CarriedCall(place)
      yield* Scope.addFinalizer(
        scope,
        Effect.sync(() => carried.settle("returned"))
      )
      const { transfer, wire } = yield* Effect.provideService(sendable(codec, payload), CallContext, carried)

      const inbox = new StreamInbox<End>(window, (count) => call.host?.grant(call, count))
      const observer = (outcome: Outcome): void => {
        if (outcome.kind === "withdrawn") return
        carried.settle(call.workerDied ? "crashed" : "returned")
        inbox.finish(outcome)
      }
      const callOptions = dispatcher.capture.with({
        probe: probeOf(options),
        extras: { window },
        transfer,
        onElements: (values) => call.isForgotten || inbox.receive(values)
      })
      const call: Call = new ObservedCall(task, wire, observer, callOptions)
      yield* submit(dispatcher, call, inbox, scope)
      if (limit !== undefined) yield* Effect.forkIn(expire(dispatcher, call, inbox, limit), scope)
      return pullFrom(inbox, decoder(task, codec.elements?.decode), (end) => conclude(codec, end))
    })
  )

/** When the scope closes the task has stopped: a worker that does not end it in time is ended with it. */
const submit = (dispatcher: Dispatcher, call: Call, inbox: StreamInbox<End>, scope: Scope.Scope): Effect.Effect<void> =>
  Effect.uninterruptible(
    Effect.andThen(
      Effect.sync(() => dispatcher.submit(call)),
      Scope.addFinalizer(
        scope,
        Effect.suspend(() => (hasSettled(inbox) ? Effect.void : withdraw(dispatcher, call)))
      )
    )
  )

/** Nothing has to be taken back of a call that was answered. */
const hasSettled = (inbox: StreamInbox<End>): boolean => inbox.ended !== undefined && inbox.ended.value.kind !== "late"

const withdraw = (dispatcher: Dispatcher, call: Call): Effect.Effect<void> =>
  Effect.callback<void>((resume) => dispatcher.withdraw(call, () => resume(Effect.void)))

/** Stops a call that is not done in its time, and then says so. */
const expire = (dispatcher: Dispatcher, call: Call, inbox: StreamInbox<End>, limit: number): Effect.Effect<void> =>
  Effect.flatMap(Effect.sleep(Duration.millis(limit)), () => {
    if (inbox.ended !== undefined) return Effect.void
    const wasOffered = call.host !== undefined
    return Effect.map(withdraw(dispatcher, call), () => {
      // Only now: it may have started while it was asked back.
      const phase = wasOffered && !call.untouched ? "running" : "queued"
      inbox.finish({ kind: "late", error: new TaskTimeout({ task: call.task, phase, millis: limit }) })
    })
  })

const conclude = (codec: StreamCodec, end: End): Effect.Effect<never, unknown> => {
  if (end.kind !== "replied") return Effect.fail(end.error)
  return Effect.flatMap(codec.decodeExit(end.exit), () => Cause.done())
}

const decoder = (task: string, decode: ElementCodec["decode"]) =>
  decode === undefined
    ? undefined
    : (values: ReadonlyArray<unknown>, first: number): Effect.Effect<ReadonlyArray<unknown>, DecodeFailed> =>
        Effect.flatMap(convertAll(decode, values), ({ issue, values }) =>
          issue === undefined ? Effect.succeed(values) : Effect.fail(unreadable(task, first + values.length, issue))
        )

const unreadable = (task: string, index: number, issue: SchemaIssue.Issue): DecodeFailed => {
  const { cause, path } = describeIssue(issue)
  return new DecodeFailed({ task, what: "result", path: [index, ...path], cause })
}
