/**
 * One life of a child, from its start to its end: a fiber with a scope of its own. It is started anew by another one.
 *
 * ```text
 *            start answers                body ends, or fails, or is interrupted; the scope closes
 * starting ────────────────▶ ready ──────────────────────────────────────────────────────────────▶ ended
 *     │                                                                                              ▲
 *     └──────────── start fails; the scope closes ───────────────────────────────────────────────────┘
 *
 * stop:  interrupt ──shutdown has passed──▶ kill ──killLimit has passed──▶ stuck
 *        (brutal: kill first)                └─ without a kill: stuck at once
 * ```
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { Handle } from "../../Supervisor.ts"
import { WorkerStuck } from "../poolErrors.ts"
import { ChildStuck } from "./errors.ts"
import { watchHealth } from "./health.ts"
import { bodyOf, type ChildSpec, type Shutdown } from "./spec.ts"
import { asStart } from "./starting.ts"

/** What a supervisor hears of a child, in the step in which it happens. */
export interface RunObserver {
  readonly onEnded: (run: ChildRun, exit: Exit.Exit<unknown, unknown>) => void
  readonly onHealthFailed: (run: ChildRun, failures: number) => void
  readonly onUnhealthy: (run: ChildRun, failures: number, cause: Cause.Cause<unknown>) => void
}

/** `stuck`: it did not end within so many milliseconds. */
export type StopOutcome =
  | { readonly kind: "ended"; readonly killed: boolean; readonly exit: Exit.Exit<unknown, unknown> }
  | { readonly kind: "stuck"; readonly millis: number }

/** Milliseconds that a kill may take; the pools give a worker as many. Also what a fiber gets that has nothing to be killed by. */
const killLimit = 5000

export class ChildRun {
  /** How `start` went. A value, so that whoever waits is not interrupted because a child was. */
  readonly started: Effect.Effect<Exit.Exit<void, unknown>>
  /** What `start` answered with, if it has something to offer besides an end. */
  handle: Handle | undefined
  /** What ended without it, and runs on: a worker that the system holds, a child of its own that is stuck. */
  leftBehind: ChildStuck | WorkerStuck | undefined
  private readonly ready = Deferred.makeUnsafe<Exit.Exit<void, unknown>>()
  private readonly over = Deferred.makeUnsafe<Exit.Exit<unknown, unknown>>()
  private fiber: Fiber.Fiber<unknown, unknown> | undefined

  private constructor() {
    this.started = Deferred.await(this.ready)
  }

  /** Starts the child with the services of its own. Whoever calls it keeps the run in the same step. */
  static start(
    supervisor: object,
    spec: ChildSpec,
    services: Context.Context<never>,
    observer: RunObserver
  ): Effect.Effect<ChildRun> {
    return Effect.suspend(() => {
      const run = new ChildRun()
      return Effect.map(Effect.forkDetach(run.life(supervisor, spec, services, observer)), (fiber) => {
        run.fiber = fiber
        fiber.addObserver((exit) => run.end(exit, observer))
        return run
      })
    })
  }

  get hasEnded(): boolean {
    return Deferred.isDoneUnsafe(this.over)
  }

  /** Nothing of it is at work any more. */
  get isGone(): boolean {
    return this.hasEnded && this.leftBehind === undefined
  }

  /** Ends it by the ladder. Does nothing to one that has ended. */
  stop(shutdown: Shutdown, onKill: () => void): Effect.Effect<StopOutcome> {
    return Effect.suspend(() => {
      const brutal = shutdown === "brutal"
      if (brutal && this.handle?.kill !== undefined && !this.hasEnded) return this.kill(onKill)
      const limit = brutal ? killLimit : shutdown
      this.fiber?.interruptUnsafe()
      return Effect.flatMap(this.endWithin(limit), (exit) => {
        if (exit !== undefined) return Effect.succeed(this.outcomeOf(exit, false))
        return this.handle?.kill === undefined ? Effect.succeed(stuckAfter(limit as number)) : this.kill(onKill)
      })
    })
  }

  private life(supervisor: object, spec: ChildSpec, services: Context.Context<never>, observer: RunObserver) {
    const isOver = () => Deferred.isDoneUnsafe(this.ready)
    const life = Effect.flatMap(asStart(spec.start, { supervisor, child: spec.id, isOver }), (running) => {
      const { handle, join } = bodyOf(running)
      this.handle = handle
      Deferred.doneUnsafe(this.ready, Exit.succeed(Exit.void))
      return spec.health === undefined
        ? join
        : Effect.andThen(
            Effect.forkScoped(
              watchHealth(spec.health, running, {
                onFailed: (failures) => observer.onHealthFailed(this, failures),
                onUnhealthy: (failures, cause) => observer.onUnhealthy(this, failures, cause)
              })
            ),
            join
          )
    })
    return Effect.provideContext(Effect.scoped(life), services as Context.Context<unknown>)
  }

  private end(exit: Exit.Exit<unknown, unknown>, observer: RunObserver): void {
    this.leftBehind = leftBehindOf(exit)
    Deferred.doneUnsafe(this.ready, Exit.succeed(Exit.asVoid(exit)))
    Deferred.doneUnsafe(this.over, Exit.succeed(exit))
    observer.onEnded(this, exit)
  }

  private kill(onKill: () => void): Effect.Effect<StopOutcome> {
    return Effect.suspend(() => {
      onKill()
      const kill = this.handle?.kill
      const killed = Effect.suspend(() => (typeof kill === "function" ? kill("SIGKILL") : (kill ?? Effect.void)))
      // Some kills return when it is over, and some at once: what counts is the end of the fiber that waits for it.
      return Effect.flatMap(Effect.forkDetach(Effect.exit(killed), { startImmediately: true }), (killer) => {
        this.fiber?.interruptUnsafe()
        return Effect.map(this.endWithin(killLimit), (exit) => {
          killer.interruptUnsafe()
          return exit === undefined ? stuckAfter(killLimit) : this.outcomeOf(exit, true)
        })
      })
    })
  }

  private outcomeOf(exit: Exit.Exit<unknown, unknown>, killed: boolean): StopOutcome {
    return this.leftBehind === undefined ? { kind: "ended", killed, exit } : stuckAfter(this.leftBehind.millis)
  }

  private endWithin(limit: number | "infinity"): Effect.Effect<Exit.Exit<unknown, unknown> | undefined> {
    return Effect.suspend(() => {
      const end = Deferred.await(this.over)
      // Most fibers end in the step in which they are interrupted: no need to set a timer then.
      if (limit === "infinity" || this.hasEnded) return end
      return Effect.map(Effect.timeoutOption(end, Duration.millis(limit)), Option.getOrUndefined)
    })
  }
}

const stuckAfter = (millis: number): StopOutcome => ({ kind: "stuck", millis })

/** A failure when the child is a supervisor that gave up because of it, a defect when it closed in spite of it. */
export const leftBehindOf = (exit: Exit.Exit<unknown, unknown>): ChildStuck | WorkerStuck | undefined =>
  Exit.isSuccess(exit) ? undefined : exit.cause.reasons.map(thrownBy).find(isStuck)

const thrownBy = (reason: Cause.Reason<unknown>): unknown => {
  if (Cause.isFailReason(reason)) return reason.error
  return Cause.isDieReason(reason) ? reason.defect : undefined
}

const isStuck = (thrown: unknown): thrown is ChildStuck | WorkerStuck =>
  thrown instanceof ChildStuck || thrown instanceof WorkerStuck
