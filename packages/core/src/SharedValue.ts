/**
 * One number or flag in memory that threads share: a counter, a maximum, a switch.
 *
 * **When to use**: for what many threads change and read often, where a message for each change would cost too much. In one
 * thread use Effect's `Ref`; across processes, which share no memory, use a `Manager`.
 *
 * **Lineage**: Python's `multiprocessing.Value`, with the interface of `java.util.concurrent.atomic` and of Effect's `Ref`.
 *
 * **What differs**: there is no lock, and so none to forget. Python's `value.value += 1` loses updates unless its lock is
 * held; here `get` and then `set` does too, but {@link SharedValue.update} and {@link SharedValue.add} never do. A value that
 * the word can't hold is an error, not wrapped or rounded in silence.
 *
 * **Details**: every operation is linearizable, lock-free and synchronous. An update reads the word, computes, and writes
 * only if the word is still the same; else it starts again. Nothing is held in between, so a thread that dies in the middle
 * has changed nothing and blocks nobody.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { CallContext } from "./internal/codec/CallContext.ts"
import { Cell, type InvalidSharedValue } from "./internal/shared/cell.ts"
import { byteLength, type Kind, type Values, words } from "./internal/shared/word.ts"

export { InvalidSharedValue } from "./internal/shared/cell.ts"
export type { Kind, Values } from "./internal/shared/word.ts"

const TypeId = "~ropewalk/SharedValue"

/**
 * What crosses to a thread: by `workerData` or `postMessage` as it is, or by {@link schema} in a task's payload.
 *
 * @since 0.1.0
 */
export interface Handle<K extends Kind = Kind> {
  readonly kind: K
  readonly buffer: SharedArrayBuffer
}

/**
 * What can be added to a value of a kind: nothing to a flag.
 *
 * @since 0.1.0
 */
export type Addend<K extends Kind> = K extends "boolean" ? never : Values[K]

/**
 * A cell of shared memory; see {@link make}.
 *
 * @since 0.1.0
 */
export interface SharedValue<K extends Kind> {
  readonly [TypeId]: typeof TypeId
  readonly kind: K

  /** The same cell for another thread, where {@link fromHandle} opens it. */
  readonly handle: Handle<K>

  readonly get: Effect.Effect<Values[K]>

  /** Overwrites the value, whatever it is by now. To change it by what it was, use {@link SharedValue.update}. */
  set(value: Values[K]): Effect.Effect<void, InvalidSharedValue>

  /**
   * Changes the value by what it was, in one atomic step.
   *
   * `f` runs again whenever another thread was faster: it has to be pure, and should be short. If it throws, that is a
   * defect; nothing was changed.
   */
  update(f: (value: Values[K]) => Values[K]): Effect.Effect<void, InvalidSharedValue>

  /** {@link SharedValue.update} that gives the value after it. */
  updateAndGet(f: (value: Values[K]) => Values[K]): Effect.Effect<Values[K], InvalidSharedValue>

  /** {@link SharedValue.update} that gives the value before it. */
  getAndUpdate(f: (value: Values[K]) => Values[K]): Effect.Effect<Values[K], InvalidSharedValue>

  /** {@link SharedValue.update} that also computes a result: `f` gives the result, then the next value. */
  modify<A>(f: (value: Values[K]) => readonly [A, Values[K]]): Effect.Effect<A, InvalidSharedValue>

  /** Sets the value if it is the expected one, as by `Object.is`, in one atomic step; says whether it did. */
  compareAndSet(expected: Values[K], value: Values[K]): Effect.Effect<boolean, InvalidSharedValue>

  /** Adds in one atomic step and gives the sum. A sum out of range fails and changes nothing. */
  add(addend: Addend<K>): Effect.Effect<Values[K], InvalidSharedValue>

  /** {@link SharedValue.get}, for code that runs no Effect: a hot loop in a worker. */
  getUnsafe(): Values[K]

  /** {@link SharedValue.set}; throws {@link InvalidSharedValue}. */
  setUnsafe(value: Values[K]): void

  /** {@link SharedValue.updateAndGet}; throws {@link InvalidSharedValue}, and what `f` throws. */
  updateUnsafe(f: (value: Values[K]) => Values[K]): Values[K]

  /** {@link SharedValue.compareAndSet}; throws {@link InvalidSharedValue}. */
  compareAndSetUnsafe(expected: Values[K], value: Values[K]): boolean

  /** {@link SharedValue.add}; throws {@link InvalidSharedValue}. */
  addUnsafe(addend: Addend<K>): Values[K]
}

/**
 * Makes a cell in new shared memory. It lives as long as a thread refers to it.
 *
 * **Example** (two threads count together)
 *
 * ```ts
 * import * as SharedValue from "@ropewalk/core/SharedValue"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 * import { once } from "node:events"
 * import { Worker } from "node:worker_threads"
 *
 * // A worker that knows no more than the layout: an int32 at the start of the buffer.
 * const source = `
 *   const { workerData } = require("node:worker_threads")
 *   const word = new Int32Array(workerData.buffer)
 *   for (let i = 0; i < 1000; i++) Atomics.add(word, 0, 1)
 * `
 * const program = Effect.gen(function* () {
 *   const counter = yield* SharedValue.make("int32", 0)
 *   const worker = new Worker(source, { eval: true, workerData: counter.handle })
 *   for (let i = 0; i < 1000; i++) yield* counter.add(1)
 *   yield* Effect.promise(() => once(worker, "exit"))
 *   assert.equal(yield* counter.get, 2000)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const make = <const K extends Kind>(
  kind: K,
  initial: Values[K]
): Effect.Effect<SharedValue<K>, InvalidSharedValue> =>
  Effect.suspend(() => {
    const value = fromHandle({ kind, buffer: new SharedArrayBuffer(byteLength) })
    return Effect.as(value.set(initial), value)
  })

/**
 * Opens a cell from its handle, in the thread that was sent it. Throws a `TypeError` if it is none: it was made by hand, or
 * went through something that copies memory instead of sharing it.
 *
 * **Example** (in a worker: `fromHandle(workerData.counter)`)
 *
 * ```ts
 * import * as SharedValue from "@ropewalk/core/SharedValue"
 * import * as Effect from "effect/Effect"
 * import assert from "node:assert/strict"
 *
 * const counter = await Effect.runPromise(SharedValue.make("int64", 40n))
 * const same = SharedValue.fromHandle(structuredClone(counter.handle))
 * same.addUnsafe(2n)
 * assert.equal(counter.getUnsafe(), 42n)
 * ```
 *
 * @since 0.1.0
 */
export const fromHandle = <const K extends Kind>(handle: Handle<K>): SharedValue<K> => {
  if (!Object.hasOwn(words, handle.kind) || !isCellBuffer(handle.buffer)) {
    throw new TypeError("not the handle of a SharedValue: send value.handle, to a thread; processes share no memory")
  }
  return new SharedValueImpl(handle)
}

/**
 * Whether a value is a cell, of the kind if one is given.
 *
 * @since 0.1.0
 */
export const isSharedValue = <K extends Kind = Kind>(u: unknown, kind?: K): u is SharedValue<K> =>
  u instanceof SharedValueImpl && (kind === undefined || u.kind === kind)

/**
 * The schema of a cell in a task's payload, result or error: both sides get the same memory.
 *
 * Encoding for a process fails, since a copy would silently be another cell; use a `Manager` there. So does JSON.
 *
 * **Example** (a payload with a counter)
 *
 * ```ts
 * import * as SharedValue from "@ropewalk/core/SharedValue"
 * import * as Effect from "effect/Effect"
 * import * as Schema from "effect/Schema"
 * import assert from "node:assert/strict"
 *
 * const Payload = Schema.Struct({ counter: SharedValue.schema("int32"), times: Schema.Number })
 *
 * const program = Effect.gen(function* () {
 *   const counter = yield* SharedValue.make("int32", 0)
 *   const sent = yield* Schema.encodeEffect(Payload)({ counter, times: 3 })
 *   const received = yield* Schema.decodeEffect(Payload)(structuredClone(sent))
 *   yield* received.counter.add(received.times)
 *   assert.equal(yield* counter.get, 3)
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @since 0.1.0
 */
export const schema = <const K extends Kind>(kind: K): Schema.Codec<SharedValue<K>, Handle<K>> =>
  Schema.Struct({ kind: Schema.Literal(kind), buffer: CellBuffer }).pipe(
    Schema.decodeTo(
      Schema.declare((u) => isSharedValue(u, kind), { expected: `SharedValue<"${kind}">` }),
      {
        decode: SchemaGetter.transform((handle) => fromHandle(handle)),
        encode: SchemaGetter.transformEffect((value) =>
          Effect.flatMap(CallContext, (call) =>
            call?.place === "process"
              ? Effect.fail(new SchemaIssue.Forbidden({ message: notShared }))
              : Effect.succeed(value.handle)
          )
        )
      }
    )
  )

const notShared =
  "a SharedValue can't be sent to a process, which shares no memory: use a Manager, or run the task on a ThreadPool"

const isCellBuffer = (u: unknown): u is SharedArrayBuffer =>
  u instanceof SharedArrayBuffer && u.byteLength === byteLength

// Without an annotation that says how to turn it into JSON: it crosses as it is, or not at all.
const CellBuffer = Schema.declare(isCellBuffer, { expected: `SharedArrayBuffer of ${byteLength} bytes` })

class SharedValueImpl<K extends Kind> implements SharedValue<K> {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly kind: K
  readonly handle: Handle<K>
  readonly get: Effect.Effect<Values[K]>
  readonly #cell: Cell<Values[K]>

  constructor(handle: Handle<K>) {
    this.kind = handle.kind
    this.handle = handle
    this.#cell = new Cell(handle.kind, words[handle.kind](handle.buffer))
    this.get = Effect.sync(() => this.getUnsafe())
  }

  set(value: Values[K]): Effect.Effect<void, InvalidSharedValue> {
    return run(() => this.#cell.set(value))
  }

  update(f: (value: Values[K]) => Values[K]): Effect.Effect<void, InvalidSharedValue> {
    return this.modify((value) => [undefined, f(value)])
  }

  updateAndGet(f: (value: Values[K]) => Values[K]): Effect.Effect<Values[K], InvalidSharedValue> {
    return run(() => this.#cell.updateAndGet(f))
  }

  getAndUpdate(f: (value: Values[K]) => Values[K]): Effect.Effect<Values[K], InvalidSharedValue> {
    return this.modify((value) => [value, f(value)])
  }

  modify<A>(f: (value: Values[K]) => readonly [A, Values[K]]): Effect.Effect<A, InvalidSharedValue> {
    return run(() => this.#cell.modify(f))
  }

  compareAndSet(expected: Values[K], value: Values[K]): Effect.Effect<boolean, InvalidSharedValue> {
    return run(() => this.#cell.compareAndSet(expected, value))
  }

  add(addend: Addend<K>): Effect.Effect<Values[K], InvalidSharedValue> {
    return run(() => this.#cell.add(addend))
  }

  getUnsafe(): Values[K] {
    return this.#cell.get()
  }

  setUnsafe(value: Values[K]): void {
    Result.getOrThrow(this.#cell.set(value))
  }

  updateUnsafe(f: (value: Values[K]) => Values[K]): Values[K] {
    return Result.getOrThrow(this.#cell.updateAndGet(f))
  }

  compareAndSetUnsafe(expected: Values[K], value: Values[K]): boolean {
    return Result.getOrThrow(this.#cell.compareAndSet(expected, value))
  }

  addUnsafe(addend: Addend<K>): Values[K] {
    return Result.getOrThrow(this.#cell.add(addend))
  }
}

const run = <A>(operation: () => Result.Result<A, InvalidSharedValue>): Effect.Effect<A, InvalidSharedValue> =>
  Effect.suspend(() => Effect.fromResult(operation()))
