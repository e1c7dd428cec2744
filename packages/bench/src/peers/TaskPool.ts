/**
 * What the cases ask of a pool, of ours and of the peers': the same work, called as each one's users call it. Peers return
 * promises; ours and Effect's are called from one Effect program, as a user of Effect would.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Role } from "../Case.ts"
import type * as functions from "../work/functions.ts"

export type TaskName = keyof typeof functions

export interface TaskPool {
  /** The task for each input, `atOnce` at a time (`Infinity`: all), until all have been answered. */
  readonly each: (task: TaskName, inputs: ReadonlyArray<unknown>, atOnce: number) => Promise<unknown>
  /** All at once; for each the milliseconds from its submission to its answer. */
  readonly latencies: (task: TaskName, inputs: ReadonlyArray<unknown>) => Promise<Float64Array>
  /** Results of a whole array, as the pool's own function for that gives them. */
  readonly map?: (task: TaskName, inputs: ReadonlyArray<unknown>) => Promise<ReadonlyArray<unknown>>
  /** Sends the bytes away for good. */
  readonly transfer?: (bytes: Uint8Array<ArrayBuffer>) => Promise<unknown>
  /** Starts a task; what is returned stops it, and is done when the pool says that it is. */
  readonly begin?: (task: TaskName, input?: unknown) => () => Promise<unknown>
  readonly stop: () => Promise<unknown>
}

/** A pool that can be started: in how many workers is the case's to say. */
export interface PoolEntry {
  readonly name: string
  readonly role: Role
  readonly start: (workers: number) => Promise<TaskPool>
}

interface PromisePool extends Omit<TaskPool, "each" | "latencies"> {
  readonly run: (task: TaskName, input: unknown) => PromiseLike<unknown>
}

export const ofPromises = ({ run, ...rest }: PromisePool): TaskPool => ({
  ...rest,
  each: async (task, inputs, atOnce) => {
    if (atOnce >= inputs.length) return Promise.all(inputs.map((input) => run(task, input)))
    const rest = inputs.values()
    // The lanes share one iterator: each takes the next input when it is free.
    const lane = async () => {
      for (const input of rest) await run(task, input)
    }
    return Promise.all(Array.from({ length: atOnce }, lane))
  },
  latencies: async (task, inputs) => {
    const taken = new Float64Array(inputs.length)
    await Promise.all(
      inputs.map((input, index) => {
        const submitted = performance.now()
        return run(task, input).then(() => {
          taken[index] = performance.now() - submitted
        })
      })
    )
    return taken
  }
})

interface EffectPool extends Omit<TaskPool, "each" | "latencies" | "map" | "begin"> {
  readonly run: (task: TaskName, input: unknown) => Effect.Effect<unknown, unknown>
  readonly map?: (task: TaskName, inputs: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<unknown>, unknown>
}

export const ofEffects = ({ run, map, ...rest }: EffectPool): TaskPool => ({
  ...rest,
  ...(map === undefined ? {} : { map: (task, inputs) => Effect.runPromise(map(task, inputs)) }),
  each: (task, inputs, atOnce) => {
    const concurrency = atOnce >= inputs.length ? "unbounded" : atOnce
    return Effect.runPromise(Effect.forEach(inputs, (input) => run(task, input), { concurrency, discard: true }))
  },
  latencies: async (task, inputs) => {
    const taken = new Float64Array(inputs.length)
    const timed = (input: unknown, index: number) =>
      Effect.suspend(() => {
        const submitted = performance.now()
        return Effect.map(run(task, input), () => {
          taken[index] = performance.now() - submitted
        })
      })
    await Effect.runPromise(Effect.forEach(inputs, timed, { concurrency: "unbounded", discard: true }))
    return taken
  },
  begin: (task, input) => {
    const fiber = Effect.runFork(run(task, input))
    return () => Effect.runPromise(Fiber.interrupt(fiber))
  }
})

/** Something of a scope, for those who live outside of one. */
export const acquire = async <A, E>(
  effect: Effect.Effect<A, E, Scope.Scope>
): Promise<{ readonly value: A; readonly close: () => Promise<void> }> => {
  const scope = Effect.runSync(Scope.make())
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const value = await Effect.runPromise(Scope.provide(effect, scope)).catch(async (cause: unknown) => {
    await close()
    throw cause
  })
  return { value, close }
}
