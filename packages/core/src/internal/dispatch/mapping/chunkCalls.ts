/**
 * A chunk of a map as one call of a pool of workers: its payloads encoded together, its results decoded together.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { movedWithAny, type TransferList } from "../../codec/moves.ts"
import { attempt, exitNow, runNow } from "../../codec/now.ts"
import type { TaskCodec } from "../../codec/taskCodec.ts"
import { collecting, joined } from "../../codec/transfers.ts"
import { isListOf } from "../../codec/wireError.ts"
import { EncodeFailed } from "../../errors.ts"
import { DecodeFailed } from "../../poolErrors.ts"
import { isWireExit } from "../../transport/fromWorker.ts"
import type { ChunkAnswer, RunExtras, WireExit } from "../../transport/Transport.ts"
import { type Call, type CallOptions, ObservedCall, type Outcome } from "../Call.ts"
import type { Dispatcher } from "../Dispatcher.ts"
import { ChunkSize } from "./ChunkSize.ts"
import { type ChunkEnd, Mapping, type Submit, type Withdraw } from "./Mapping.ts"

/** What a chunk asks of the codec of its task. */
export type ChunkCodec = Pick<TaskCodec, "crossesAsIs" | "encodePayload" | "answersAsIs" | "decodeExit">

export interface ChunkCalls {
  readonly dispatcher: Dispatcher
  readonly task: string
  readonly codec: ChunkCodec
  /** `"stop"`: the first failure is the chunk's outcome; `"settle"`: each task has an outcome, an `Exit`. */
  readonly mode: "stop" | "settle"
  readonly options: CallOptions
  /** Of the caller: schemas may need its services. */
  readonly context: Context.Context<never>
}

export const submitChunk =
  (calls: ChunkCalls): Submit =>
  (inputs, onEnd) => {
    const chunk = new ChunkCall(calls, inputs, onEnd)
    chunk.start()
    return chunk.withdraw
  }

type Pending = Fiber.Fiber<unknown, unknown>

class ChunkCall {
  private readonly calls: ChunkCalls
  private readonly inputs: ReadonlyArray<unknown>
  private readonly onEnd: (end: ChunkEnd) => void
  private call: Call | undefined
  /** While it is encoded or decoded by an Effect that takes its time. */
  private fiber: Pending | undefined
  /** When the chunk had to be taken apart. */
  private parts: Mapping | undefined
  private withdrawn = false

  constructor(calls: ChunkCalls, inputs: ReadonlyArray<unknown>, onEnd: (end: ChunkEnd) => void) {
    this.calls = calls
    this.inputs = inputs
    this.onEnd = onEnd
  }

  start(): void {
    const { codec } = this.calls
    const moved = movedWithAny(this.inputs)
    if (this.inputs.every(codec.crossesAsIs)) return this.submit(this.inputs, moved)
    const encoded = attempt(() => allNow(this.inputs, codec.encodePayload))
    const gathered = collecting(encoded, (wire, collected) => ({ wire, transfer: joined(moved, collected) }))
    this.run(gathered, (exit) => {
      if (exit._tag === "Success") return this.submit(exit.value.wire, exit.value.transfer)
      // One that can't be encoded has that for its outcome, and takes no other along.
      if (this.calls.mode === "settle" && this.inputs.length > 1) return this.startEach()
      this.failed(Exit.failCause(exit.cause))
    })
  }

  readonly withdraw: Withdraw = (onStopped) => {
    this.withdrawn = true
    if (this.fiber !== undefined) {
      this.fiber.addObserver(() => onStopped())
      return this.fiber.interruptUnsafe()
    }
    if (this.parts !== undefined) return this.parts.stop(onStopped)
    if (this.call === undefined) return onStopped()
    this.calls.dispatcher.withdraw(this.call, onStopped)
  }

  private submit(payloads: ReadonlyArray<unknown>, transfer: TransferList | undefined): void {
    const { dispatcher, mode, options, task } = this.calls
    const extras: RunExtras = { ...options.extras, chunk: mode }
    const callOptions = { ...options, extras, transfer, patient: true }
    const call = new ObservedCall(task, payloads, (outcome) => this.settled(outcome), callOptions)
    this.call = call
    dispatcher.submit(call)
  }

  private settled(outcome: Outcome): void {
    this.call = undefined
    switch (outcome.kind) {
      case "withdrawn":
        return
      case "failed":
        return this.refused(outcome.error)
      case "replied":
        return this.replied(outcome.exit)
    }
  }

  private refused(error: unknown): void {
    const { mode } = this.calls
    if (!(error instanceof EncodeFailed)) return this.failed(Exit.fail(error))
    // It could not be cloned, and was not begun.
    if (mode === "settle" && this.inputs.length > 1) return this.startEach()
    this.failed(Exit.fail(this.withinTask(error)))
  }

  private replied(exit: WireExit): void {
    const { codec, mode } = this.calls
    if (exit.kind !== "success") {
      return this.run(
        attempt(() => codec.decodeExit(exit)),
        (exit) => this.failed(Exit.failCause((exit as Exit.Failure<never, unknown>).cause))
      )
    }
    const answer = exit.value as ChunkAnswer
    if (!isAnswer(answer, this.inputs.length, mode)) return this.failed(Exit.fail(this.garbled()))
    const { millis, results } = answer
    const answered = (results: ReadonlyArray<unknown>) => this.onEnd({ kind: "answered", results, millis })
    if (mode === "settle") {
      const decoded = attempt(() => allNow(results, (result) => Effect.exit(codec.decodeExit(result as WireExit))))
      return this.run(decoded, (exit) =>
        exit._tag === "Success" ? answered(exit.value) : this.failed(Exit.failCause(exit.cause))
      )
    }
    if (codec.answersAsIs) return answered(results)
    const decoded = attempt(() => allNow(results, (value) => codec.decodeExit({ kind: "success", value })))
    this.run(decoded, (exit) =>
      exit._tag === "Success" ? answered(exit.value) : this.failed(Exit.failCause(exit.cause))
    )
  }

  /** The tasks of the chunk, each in a chunk of its own, one after another. */
  private startEach(): void {
    const results: Array<unknown> = []
    const options = {
      window: 1,
      size: new ChunkSize(1, 1),
      submit: submitChunk(this.calls),
      onResults: (_: number, __: number, outcomes: ReadonlyArray<unknown>) => void results.push(...outcomes)
    }
    this.parts = new Mapping(this.inputs, options, () => this.onEnd({ kind: "answered", results, millis: undefined }))
    this.parts.pump()
  }

  private failed(exit: Exit.Exit<never, unknown>): void {
    if (this.calls.mode === "stop") return this.onEnd({ kind: "failed", exit })
    this.onEnd({ kind: "answered", results: this.inputs.map(() => exit), millis: undefined })
  }

  private run<A>(effect: Effect.Effect<A, unknown>, then: (exit: Exit.Exit<A, any>) => void): void {
    runNow(
      this.calls.context,
      effect,
      (fiber) => {
        this.fiber = fiber
      },
      (exit) => {
        this.fiber = undefined
        if (!this.withdrawn) then(exit)
      }
    )
  }

  /** The path began with the place of the payload in its chunk, of which the caller knows nothing. */
  private withinTask({ cause, path, what }: EncodeFailed): EncodeFailed {
    return new EncodeFailed({ task: this.calls.task, what, path: what === "context" ? path : path.slice(1), cause })
  }

  private garbled(): DecodeFailed {
    const cause = new Error(`The worker's answer is none for ${this.inputs.length} tasks`)
    return new DecodeFailed({ task: this.calls.task, what: "result", path: [], cause })
  }
}

/** The worker is of another version, or has lost its mind. */
const isAnswer = (answer: unknown, length: number, mode: "stop" | "settle"): answer is ChunkAnswer => {
  const { millis, results } = (answer ?? {}) as Partial<ChunkAnswer>
  if (!Array.isArray(results) || results.length !== length || typeof millis !== "number") return false
  return mode === "stop" || isListOf(results, isWireExit)
}

/** `Effect.forEach`, without an Effect as long as there is none to wait for. */
const allNow = <A, B, E>(
  inputs: ReadonlyArray<A>,
  convert: (input: A) => Effect.Effect<B, E>
): Effect.Effect<ReadonlyArray<B>, E> => {
  const outputs: Array<B> = []
  for (let index = 0; index < inputs.length; index++) {
    const effect = convert(inputs[index] as A)
    const exit = exitNow(effect)
    if (exit === undefined) {
      const rest = Effect.forEach(inputs.slice(index + 1), convert)
      return Effect.flatMap(effect, (output) => Effect.map(rest, (others) => [...outputs, output, ...others]))
    }
    if (exit._tag === "Failure") return Exit.failCause(exit.cause)
    outputs.push(exit.value)
  }
  return Exit.succeed(outputs)
}
