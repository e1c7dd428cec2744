/**
 * The joiners that are built in. Each keeps what its result needs and no more.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { All, Collected, Ended, Joiner, Joining, Named, One, Settle, Some, TypeId, Verdict } from "../../Joiner.ts"
import { InvalidOption } from "../errors.ts"
import { NotEnough, type ScopeTimeout } from "./errors.ts"

export const make = <A, E, B, E2, T = ScopeTimeout>(
  name: string,
  begin: (children: number | undefined) => Joining<A, E, B, E2, T>
): Joiner<A, E, B, E2, T> => ({ "~ropewalk/Joiner": "~ropewalk/Joiner" satisfies TypeId, name, begin })

export const all = <A, E>(): All<A, E, ReadonlyArray<A>, E> => ({
  ...make<A, E, ReadonlyArray<A>, E>("all", () => {
    const values: Array<A> = []
    const failures = new Failures<E>()
    return {
      onExit: (exit, child) => {
        if (Exit.isFailure(exit)) return failures.add(exit.cause, child)
        values[child.index] = exit.value
        return "continue"
      },
      result: () => failures.exit ?? Exit.succeed(values)
    }
  }),
  shape: "values"
})

export const settle = <A, E>(): Settle<A, E, ReadonlyArray<Exit.Exit<A, E>>> => ({
  ...make<A, E, ReadonlyArray<Exit.Exit<A, E>>, never>("settle", () => {
    const exits: Array<Exit.Exit<A, E>> = []
    return {
      onExit: (exit, child) => {
        exits[child.index] = exit
        return "continue"
      },
      result: () => Exit.succeed(exits)
    }
  }),
  shape: "exits"
})

export const until = <A, E>(
  predicate: (exit: Exit.Exit<A, E>, child: Named) => boolean
): Joiner<A, E, ReadonlyArray<Exit.Exit<A, E>>, never> =>
  make("until", () => {
    const exits: Array<Exit.Exit<A, E>> = []
    return {
      onExit: (exit, child) => {
        if (child.cancelled) return "continue"
        exits[child.index] = exit
        return predicate(exit, child) ? "enough" : "continue"
      },
      // Without the holes of those that had not ended.
      result: () => Exit.succeed(Object.values(exits))
    }
  })

export const first = <A, E>(): One<A, E, A, E | NotEnough> => {
  const some = quorumNamed<A, E>("first", 1)
  return {
    ...make<A, E, A, E | NotEnough>("first", (children) => {
      const { onExit, result } = some(children)
      return { onExit, result: () => Exit.map(result(), (values) => values[0]!) }
    }),
    shape: "one"
  }
}

export const quorum = <A, E>(n: number): Some<A, E, ReadonlyArray<A>, E | NotEnough> => {
  const name = `quorum of ${n}`
  return { ...make(name, quorumNamed<A, E>(name, n)), shape: "some" }
}

const quorumNamed =
  <A, E>(joiner: string, wanted: number) =>
  (children: number | undefined): Joining<A, E, ReadonlyArray<A>, E | NotEnough> => {
    checkCount(joiner, wanted)
    const values: Array<A> = []
    const failures: Array<Cause.Reason<E>> = []
    let without = 0
    return {
      onExit: (exit, child) => {
        if (child.cancelled) return "continue"
        if (Exit.isSuccess(exit)) return values.push(exit.value) < wanted ? "continue" : "enough"
        failures.push(...exit.cause.reasons.filter((reason) => !Cause.isInterruptReason(reason)))
        without++
        return children !== undefined && children - without < wanted ? "failed" : "continue"
      },
      result: () => {
        if (values.length === wanted) return Exit.succeed(values)
        if (failures.length > 0) return Exit.failCause(Cause.fromReasons(failures))
        return Exit.fail(new NotEnough({ joiner, wanted, succeeded: values.length }))
      }
    }
  }

export const race = <A, E>(): One<A, E, A, E | NotEnough> => ({
  ...make<A, E, A, E | NotEnough>("race", () => {
    let winner: Exit.Exit<A, E> | undefined
    return {
      onExit: (exit, child) => {
        if (child.cancelled) return "continue"
        winner = exit
        return Exit.isSuccess(exit) ? "enough" : "failed"
      },
      result: () => winner ?? Exit.fail(new NotEnough({ joiner: "race", wanted: 1, succeeded: 0 }))
    }
  }),
  shape: "one"
})

export const collect = <A, E>(max: number): Joiner<A, E, Collected<A, E>, never, never> => {
  const name = `collect ${max}`
  return make(name, () => {
    checkCount(name, max)
    const values: Array<A> = []
    const failures: Array<Cause.Cause<E>> = []
    const collected = (timedOut: boolean) => Exit.succeed({ values: [...values], failures: [...failures], timedOut })
    return {
      onExit: (exit, child) => {
        if (child.cancelled) return "continue"
        if (Exit.isSuccess(exit)) return values.push(exit.value) < max ? "continue" : "enough"
        failures.push(exit.cause)
        return "continue"
      },
      result: () => collected(false),
      onTimeout: () => collected(true)
    }
  })
}

export const discard = <E>(
  onFailure: ((cause: Cause.Cause<E>, child: Named) => Effect.Effect<void>) | undefined
): Joiner<unknown, E, void, E> =>
  make("discard", () => {
    const failures = new Failures<E>()
    return {
      onFailure,
      onExit: (exit, child) =>
        Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? "continue" : failures.add(exit.cause, child),
      result: () => failures.exit ?? Exit.void
    }
  })

/** Of the first child that failed, and of those that did while they were stopped. */
class Failures<E> {
  readonly #reasons: Array<Cause.Reason<E>> = []
  #failed = false

  add(cause: Cause.Cause<E>, child: Ended): Verdict {
    this.#failed = true
    // That a child was told to stop is no failure of its own, and its defects are the scope's to report.
    this.#reasons.push(...(child.cancelled ? cause.reasons.filter(Cause.isFailReason) : cause.reasons))
    return "failed"
  }

  get exit(): Exit.Exit<never, E> | undefined {
    if (!this.#failed) return undefined
    return this.#reasons.length === 0 ? Exit.interrupt() : Exit.failCause(Cause.fromReasons(this.#reasons))
  }
}

/** Called where a join begins, so that it is a defect of the scope and not an exception where the joiner is made. */
const checkCount = (joiner: string, count: number): void => {
  if (Number.isSafeInteger(count) && count >= 1) return
  throw new InvalidOption({ option: "joiner", message: `"${joiner}" needs a whole number of at least 1` })
}
