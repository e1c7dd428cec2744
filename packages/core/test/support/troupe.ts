/** Children that say what becomes of them, and end as they are told. */
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** What was said, in order: `+a` a is ready, `-a` a has ended. */
export interface Book {
  readonly entries: ReadonlyArray<string>
  readonly write: (entry: string) => Effect.Effect<void>
  /** Waits until it reads so. */
  readonly until: (...entries: ReadonlyArray<string>) => Effect.Effect<void>
  /** What was said since the last time. */
  readonly read: () => ReadonlyArray<string>
}

export const book = (): Book => {
  const entries: Array<string> = []
  const waiting = new Set<() => void>()
  let seen = 0
  return {
    entries,
    write: (entry) =>
      Effect.sync(() => {
        entries.push(entry)
        for (const look of waiting) look()
      }),
    until: (...wanted) =>
      Effect.callback<void>((resume) => {
        const look = () => {
          if (entries.slice(seen, seen + wanted.length).join() !== wanted.join()) return
          waiting.delete(look)
          seen += wanted.length
          resume(Effect.void)
        }
        waiting.add(look)
        look()
        return Effect.sync(() => waiting.delete(look))
      }),
    read: () => {
      const news = entries.slice(seen)
      seen = entries.length
      return news
    }
  }
}

type Options = Omit<Supervisor.RunOptions<never>, "id" | "run" | "health">

export interface Troupe extends Book {
  /** A child that lives until it is told how to end. */
  readonly child: (id: string, options?: Options) => Supervisor.Child
  /** Ends a child that runs. */
  readonly end: (id: string, how: Effect.Effect<unknown, unknown>) => Effect.Effect<void>
  readonly crash: (id: string) => Effect.Effect<void>
  /** Its next starts go like that, one after the other; then they succeed again. */
  readonly nextStarts: (id: string, ...how: ReadonlyArray<Effect.Effect<unknown, unknown, Scope.Scope>>) => void
}

export const troupe = (): Troupe => {
  const said = book()
  const ends = new Map<string, Deferred.Deferred<unknown, unknown>>()
  const starts = new Map<string, Array<Effect.Effect<unknown, unknown, Scope.Scope>>>()
  const end: Troupe["end"] = (id, how) =>
    Effect.suspend(() => {
      const running = ends.get(id)
      return running === undefined ? Effect.die(`${id} does not run`) : Deferred.completeWith(running, how)
    })
  return {
    ...said,
    child: (id, options) =>
      Supervisor.child({
        id,
        ...options,
        start: Effect.gen(function* () {
          yield* starts.get(id)?.shift() ?? Effect.void
          const ending = yield* Deferred.make<unknown, unknown>()
          ends.set(id, ending)
          yield* Effect.acquireRelease(said.write(`+${id}`), () => said.write(`-${id}`))
          return Deferred.await(ending)
        })
      }),
    end,
    crash: (id) => end(id, Effect.fail(`${id} crashed`)),
    nextStarts: (id, ...how) => {
      starts.set(id, [...how])
    }
  }
}

/** Returns when the supervisor has done what it had been told before; some turns more for what children are about to say. */
export const settled = (supervisor: Supervisor.Supervisor): Effect.Effect<void> =>
  Effect.asVoid(
    Effect.repeat(Effect.andThen(Effect.yieldNow, Effect.ignore(supervisor.deleteChild("nobody"))), { times: 10 })
  )

/** What most tests need: as many restarts as they like. */
export const patient = { restarts: 1000, within: "1 minute" } as const

export const statuses = (
  supervisor: Pick<Supervisor.Supervisor, "whichChildren">
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(supervisor.whichChildren, (children) => children.map(({ id, status }) => `${id} ${status}`))

/** Hears everything, until the supervisor ends. */
export const listen = (supervisor: Supervisor.Supervisor) =>
  Effect.gen(function* () {
    const events: Array<Supervisor.SupervisorEvent> = []
    const listening = yield* Effect.forkChild(
      Stream.runForEach(supervisor.events, (event) => Effect.sync(() => events.push(event))),
      { startImmediately: true }
    )
    return { events, ended: Fiber.join(listening) }
  })
