/**
 * A child as its supervisor keeps it: what it was told to be, and where it is in its life. Plain fields; only the loop of the
 * supervisor changes them, and whoever closes it after the loop has ended.
 *
 * ```text
 *              launch                     start answers
 * stopped ────────────────▶ starting ───────────────────▶ running
 *    ▲   ▲                   │   ▲                        │   │   │ ended, and that is all
 *    │   │ start failed      │   │ its time has come      │   │   └─────────────────────▶ ended
 *    │   └───────────────────┤   │                        │   │
 *    │ terminate             └─▶ restarting ◀─────────────┘   │ terminate, restart of a group, close
 *    ├───────────────────────────┘     a restart concerns it  ▼
 *    └──────────────────────────────────────────────────── stopping ─────▶ stuck
 * ```
 *
 * @internal
 */

import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type { BackoffState } from "./BackoffState.ts"
import type { ChildRun } from "./ChildRun.ts"
import type { ChildStatus, ChildStuck } from "./errors.ts"
import type { PendingRestart } from "./PendingRestart.ts"
import type { ChildSpec, Shutdown } from "./spec.ts"

/** As in OTP. A supervisor has as long as its own children need. */
const defaultShutdown = 5000

export class ChildRecord {
  readonly spec: ChildSpec
  /** With what it runs: the services of whoever added it. */
  readonly services: Context.Context<never>
  readonly backoff: BackoffState
  status: ChildStatus = "stopped"
  /** Also of one that is stuck. */
  run: ChildRun | undefined
  /** The restart that it waits for. */
  pending: PendingRestart | undefined
  /** How often it was started again by its supervisor. */
  restarts = 0
  /** When the latest run was ready, in milliseconds of the clock; not if it never was. */
  readyAt: number | undefined
  /** While it is stuck. */
  stuck: ChildStuck | undefined
  isSupervisor = false

  constructor(spec: ChildSpec, services: Context.Context<never>, backoff: BackoffState) {
    this.spec = spec
    this.services = services
    this.backoff = backoff
  }

  get id(): string {
    return this.spec.id
  }

  get shutdown(): Shutdown {
    return this.spec.shutdown ?? (this.isSupervisor ? "infinity" : defaultShutdown)
  }

  /** It runs, or is going to. */
  get isActive(): boolean {
    return this.run !== undefined || this.pending !== undefined
  }

  /** Whether it has to start again after such an end. */
  restartsAfter(exit: Exit.Exit<unknown, unknown>): boolean {
    switch (this.spec.restart) {
      case "permanent":
        return true
      case "transient":
        return !isOrderly(exit)
      case "temporary":
        return false
    }
  }
}

/** A result; or an interrupt, which is how a fiber is asked to end, as by the exit reason `shutdown` in OTP. */
const isOrderly = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
