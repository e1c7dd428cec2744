import type * as Pool from "@ropewalk/core/Pool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type { Place } from "../fixtures/places.ts"
import type { Tasks } from "../fixtures/tasks.ts"

export type TaskPool = Pool.Pool<RpcGroup.Rpcs<typeof Tasks>>

export const sum = { a: 20, b: 22 }

export const wrapped = (place: Place, strikes: Iterable<Chaos.Strike>, options?: Parameters<typeof place.make>[0]) =>
  Effect.gen(function* () {
    const { heard, pool: inner } = yield* place.make(options)
    return { heard, inner, ...(yield* Chaos.wrap(inner, Chaos.plan(strikes))) }
  })

export const defectOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isDieReason)?.defect : undefined

/** With the milliseconds that it took. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.timed(effect), ([taken, value]) => [Duration.toMillis(taken), value] as const)

/** Each task's outcome, one after the other. */
export const sums = (pool: TaskPool, count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Effect.exit(pool.run("Add", sum)))
