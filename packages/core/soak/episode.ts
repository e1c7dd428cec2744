/** Runs one episode on a real pool, and writes down what everybody saw. */
import type * as Pool from "@ropewalk/core/Pool"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { CallRecord, Trial } from "./judge.ts"
import { kindOf, type SoakPool } from "./kinds.ts"
import { type Outcome, outcomeOf } from "./outcome.ts"
import type { Episode, PlannedCall } from "./Plan.ts"
import { makeRunLog, type RunLog, runLogVariable } from "./runLog.ts"
import { Striker } from "./striker.ts"
import { SoakTasks } from "./tasks.ts"

export interface Course {
  readonly trial: Trial
  readonly restarts: number
  readonly struck: Striker["struck"]
  /** What the pool's ledger says, and what did not come to an end. */
  readonly problems: ReadonlyArray<string>
}

const worker = new URL("./worker.ts", import.meta.url)

export interface Settings {
  /** In how much time the calls, and then the scope, have to come to their end. The busiest machine needs seconds. */
  readonly patience?: Duration.Input
  /** Stands between the callers and the pool: how a test shows that a pool that breaks its promises is found out. */
  readonly wrap?: (pool: SoakPool) => SoakPool
}

export const runEpisode = (episode: Episode, settings: Settings = {}): Effect.Effect<Course> =>
  Effect.scoped(
    Effect.gen(function* () {
      const log = yield* makeRunLog
      const striker = yield* Effect.acquireRelease(
        Effect.sync(() => new Striker()),
        (striker) => Effect.sync(() => striker.close())
      )
      const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
      const inner = yield* Effect.exit(Scope.provide(makePool(episode, log), scope))
      if (Exit.isFailure(inner)) return unstarted(episode, `its pool did not start: ${inner}`)
      const pool = inner.value
      const patience = settings.patience ?? "2 minutes"
      const audit = episode.audited
        ? yield* Effect.orDie(Scope.provide(Chaos.wrap(pool, Chaos.plan([])), scope))
        : undefined

      const book = new Book(episode, log, striker, pool)
      const called = settings.wrap?.(audit?.pool ?? pool) ?? audit?.pool ?? pool
      const callers = yield* Effect.forkDetach(callAll(called, book, episode.window), {
        startImmediately: true
      })
      const problems: Array<string> = []
      const within = <A>(effect: Effect.Effect<A>, problem: string): Effect.Effect<A | undefined> =>
        Effect.timeoutOrElse(effect, {
          duration: patience,
          orElse: () =>
            Effect.sync(() => {
              problems.push(problem)
              return undefined
            })
        })

      const { end } = episode
      const ended = end.kind === "idle" ? Fiber.await(callers) : Effect.raceFirst(book.enough, Fiber.await(callers))
      yield* within(ended, "not every call was answered in time")
      if (end.kind === "drain") yield* drain(pool, end.deadlineMillis, book, callers, within)
      const stats = yield* pool.stats
      if (problems.length > 0)
        problems.push(`left then: ${book.open().join(", ")}; the pool says ${JSON.stringify(stats)}`)
      book.closing = true
      const closing = yield* Effect.forkDetach(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* within(Fiber.await(closing), "its scope did not close in time")
      yield* within(Fiber.await(callers), "not every call was answered after its scope had closed")
      if (audit !== undefined) problems.push(...audited(yield* audit.ledger.report))
      const idle = end.kind !== "inFlight" && problems.length === 0
      return {
        trial: {
          episode,
          calls: book.records(),
          runs: log.records(),
          killed: striker.killed,
          stats: idle ? stats : undefined
        },
        restarts: stats.restarts,
        struck: striker.struck,
        problems
      }
    })
  )

/** A drained pool has answered what it had taken on, unless its deadline came first, and refuses the rest. */
const drain = (
  pool: SoakPool,
  deadline: number | undefined,
  book: Book,
  callers: Fiber.Fiber<void>,
  within: <A>(effect: Effect.Effect<A>, problem: string) => Effect.Effect<A | undefined>
) =>
  Effect.suspend(() => {
    if (deadline === undefined) book.refuses = true
    else book.closing = true
    return Effect.andThen(
      within(Effect.orDie(pool.drain({ deadline })), "its drain did not end in time"),
      within(Fiber.await(callers), "not every call was answered after its drain")
    )
  })

const makePool = (
  { concurrency, graceMillis, heapLimit, place, size }: Episode,
  log: RunLog
): Effect.Effect<SoakPool, Pool.WorkerStartFailed | Pool.InvalidOption, Scope.Scope> =>
  (place === "thread" ? ThreadPool.make : ProcessPool.make)(SoakTasks, {
    worker,
    size,
    concurrency,
    grace: graceMillis,
    heapLimit,
    env: { [runLogVariable]: log.path },
    // V8 prints a report of a heap that is full.
    output: () => Effect.void
  })

const unstarted = (episode: Episode, problem: string): Course => ({
  trial: { episode, calls: [], runs: [], killed: new Set(), stats: undefined },
  restarts: 0,
  struck: new Striker().struck,
  problems: [problem]
})

const audited = ({ lost, repeated, unfinished }: Chaos.Report): Array<string> =>
  [
    ["lost", lost],
    ["settled twice", repeated],
    ["unfinished", unfinished]
  ].flatMap(([what, entries]) =>
    entries?.length === 0 ? [] : [`the pool's own ledger says that ${entries?.length} tasks were ${what}`]
  )

/** What became of each call, as its caller heard it. Strikes happen at the settlements that they were planned for. */
class Book {
  closing = false
  /** It answers what it has taken on, and nothing that comes now. */
  refuses = false
  /** When so many calls have been settled that the pool is to be closed. */
  readonly enough: Effect.Effect<void>
  private settled = 0
  private readonly enoughReached = Deferred.makeUnsafe<void>()
  private readonly entries: Array<Entry>
  private readonly strikesAt: ReadonlyMap<number, ReadonlyArray<Episode["strikes"][number]>>
  private readonly episode: Episode
  private readonly log: RunLog
  private readonly striker: Striker
  private readonly pool: SoakPool

  constructor(episode: Episode, log: RunLog, striker: Striker, pool: SoakPool) {
    this.episode = episode
    this.log = log
    this.striker = striker
    this.pool = pool
    this.enough = Deferred.await(this.enoughReached)
    this.entries = episode.calls.map((planned) => ({
      planned,
      begun: false,
      answers: 0,
      outcome: undefined,
      closing: false,
      heardAt: 0
    }))
    this.strikesAt = Map.groupBy(episode.strikes, (strike) => strike.afterSettled)
  }

  get calls(): ReadonlyArray<Entry> {
    return this.entries
  }

  /** The calls that have begun and have no answer, the first of them. */
  open(): Array<string> {
    return this.entries
      .filter(({ begun, outcome }) => begun && outcome === undefined)
      .slice(0, 20)
      .map(({ planned }) => `${planned.kind} ${planned.token}`)
  }

  settle(entry: Entry, exit: Exit.Exit<unknown, unknown>): void {
    const { kind, n, token } = entry.planned
    entry.answers++
    entry.outcome = outcomeOf(kind, token, n, exit)
    entry.closing ||= this.closing
    entry.heardAt = entry.outcome.kind === "answered" ? Number.POSITIVE_INFINITY : this.log.length()
    this.settled++
    for (const strike of this.strikesAt.get(this.settled) ?? []) {
      this.striker.strike(strike, this.pool)
    }
    const { end } = this.episode
    if (end.kind !== "idle" && this.settled >= end.afterSettled) Deferred.doneUnsafe(this.enoughReached, Effect.void)
  }

  records(): ReadonlyArray<CallRecord> {
    return this.entries
  }
}

interface Entry {
  readonly planned: PlannedCall
  begun: boolean
  answers: number
  outcome: Outcome | undefined
  closing: boolean
  heardAt: number
}

/**
 * So many callers, each with one open call at a time. (A `forEach` of bounded concurrency would not do: in Effect 4.1 it runs
 * an item twice, and another one never, when the start of one item settles another.)
 */
const callAll = (pool: SoakPool, book: Book, window: number): Effect.Effect<void> => {
  let next = 0
  const caller = Effect.whileLoop({
    while: () => next < book.calls.length,
    body: () => {
      const entry = book.calls[next++] as Entry
      entry.begun = true
      entry.closing = book.refuses
      return Effect.map(leaving(pool, entry.planned), (exit) => book.settle(entry, exit))
    },
    step: () => {}
  })
  const callers = Array.from({ length: Math.min(window, book.calls.length) }, () => caller)
  return Effect.all(callers, { concurrency: "unbounded", discard: true })
}

/** The call, and its caller, who may leave it. */
const leaving = (
  pool: SoakPool,
  { kind, leave, n, token }: PlannedCall
): Effect.Effect<Exit.Exit<unknown, unknown>> => {
  const options = leave.kind === "timeout" ? { timeout: leave.millis } : undefined
  const run = Effect.suspend(() => kindOf(kind).run(pool, token, n, options))
  if (leave.kind === "stay" || leave.kind === "timeout") return Effect.exit(run)
  const [startImmediately, millis] = leave.kind === "before" ? [false, 0] : [true, leave.millis]
  return Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(run, { startImmediately })
    if (startImmediately) yield* Effect.sleep(millis)
    yield* Fiber.interrupt(fiber)
    return yield* Fiber.await(fiber)
  })
}
