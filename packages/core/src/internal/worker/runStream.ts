/**
 * One streaming task of a group: its elements are encoded and leave as the caller grants credit for them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { describeIssue } from "../codec/describeIssue.ts"
import { convertAll } from "../codec/elements.ts"
import { taskCodec } from "../codec/taskCodec.ts"
import { toWireError } from "../codec/wireError.ts"
import type { Handler } from "../handlers.ts"
import { type Emit, emitTo } from "../stream/effects.ts"
import type { StreamOutlet } from "../stream/StreamOutlet.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"
import { runTask } from "./runTask.ts"
import { unsendableElement } from "./streams.ts"
import type { TaskObserver } from "./TaskObserver.ts"

export const runStream = (
  link: Pick<ParentLink, "place" | "validate">,
  handler: Handler,
  payload: unknown,
  outlet: StreamOutlet,
  observer: TaskObserver,
  deadline: number | undefined
): void => {
  const send = emitTo(outlet)
  const encode = taskCodec(handler.rpc).elements?.encode
  let unfit: WireExit | undefined
  const emit: Emit =
    encode === undefined
      ? send
      : (values) =>
          Effect.flatMap(convertAll(encode, values), ({ issue, values }) => {
            if (issue === undefined) return send(values)
            // Those before it arrive first.
            return Effect.flatMap(values.length === 0 ? Effect.void : send(values), () => {
              const { cause, path } = describeIssue(issue)
              unfit = { kind: "unsendable", path: [outlet.sent, ...path], cause: toWireError(cause) }
              return Effect.interrupt
            })
          })
  const streaming: Handler = { ...handler, call: (payload) => handler.stream(payload, emit) }
  const ending: TaskObserver = {
    onFork: observer.onFork,
    onSettled: (exit) => {
      const refused = outlet.refusal === undefined ? unfit : unsendableElement(outlet.refusal)
      observer.onSettled(refused ?? exit)
    }
  }
  runTask(link, streaming, payload, ending, deadline)
}
