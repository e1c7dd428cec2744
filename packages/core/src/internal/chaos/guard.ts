/** @internal */
import * as Effect from "effect/Effect"
import type { LedgerUnbalanced } from "./errors.ts"
import { type Report, unbalanced } from "./Ledger.ts"

/** Fails with the books that don't balance. */
export const check = (report: Effect.Effect<Report>): Effect.Effect<Report, LedgerUnbalanced> =>
  Effect.flatMap(report, (made) => {
    const problem = unbalanced(made)
    return problem === undefined ? Effect.succeed(made) : Effect.fail(problem)
  })

/** Whoever waits for a lost task waits for ever: so the program is watched while it runs, and checked when it has ended. */
export const guard = <A, E, R>(
  report: Effect.Effect<Report>,
  program: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LedgerUnbalanced, R> =>
  Effect.raceFirst(
    Effect.tap(program, () => check(report)),
    watch(report, new Set())
  )

/** A task that is on its way into the pool looks lost for a moment: it has to look so twice. */
const watch = (report: Effect.Effect<Report>, suspects: ReadonlySet<number>): Effect.Effect<never, LedgerUnbalanced> =>
  Effect.flatMap(Effect.delay(report, "1 second"), (made) => {
    const problem = made.lost.some(({ task }) => suspects.has(task)) ? unbalanced(made) : undefined
    return problem === undefined ? watch(report, new Set(made.lost.map(({ task }) => task))) : Effect.fail(problem)
  })
