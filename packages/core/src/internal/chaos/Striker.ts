/**
 * The program's side: does to each task's worker what the plan says, when the task is given to it.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Place } from "../codec/CallContext.ts"
import { toWireError } from "../codec/wireError.ts"
import type { CallProbe } from "../dispatch/CallProbe.ts"
import type { Worker } from "../transport/Transport.ts"
import { InjectedFailure } from "./errors.ts"
import type { Fault } from "./Fault.ts"
import type { Booking, Ledger } from "./Ledger.ts"
import { suspend } from "./suspend.ts"

export class Striker {
  private readonly place: Place
  private readonly ledger: Ledger
  /** What ends early when this is closed: strikes that are still to come, workers that stand still. */
  private readonly pending = new Set<() => void>()
  private closed = false

  constructor(place: Place, ledger: Ledger) {
    this.place = place
    this.ledger = ledger
  }

  /** Watches one call, and strikes it with `fault`. */
  probe(booking: Booking, fault: Fault | undefined): CallProbe {
    let cancel = () => {}
    return {
      onStart: (worker, id) => {
        booking.starts++
        // A pool that starts a task again, after a crash, is spared the second time.
        if (fault === undefined || booking.starts > 1 || this.closed) return
        const strike = () => {
          this.ledger.struck(booking, fault, worker.id)
          this.strike(worker, id, fault, booking)
        }
        if ("after" in fault && fault.after > 0) cancel = this.later(fault.after, strike)
        else strike()
      },
      onOutcome: (kind) => {
        cancel()
        booking.answered(kind)
      },
      around: (task) => this.around(task, booking, fault)
    }
  }

  /** Nothing is struck any more, and what stands still goes on. */
  close(): void {
    this.closed = true
    for (const close of [...this.pending]) close()
  }

  private strike(worker: Worker, id: number, fault: Fault, booking: Booking): void {
    switch (fault.kind) {
      case "kill":
        return worker.kill()
      case "stop":
        return this.place === "process" ? this.stopProcess(worker, fault.millis) : this.stopThread(worker, fault.millis)
      case "slow":
        return worker.send({ kind: "fault", fault: { kind: "slow", id, start: fault.start, answer: fault.answer } })
      case "fail":
        return worker.send({ kind: "fault", fault: { kind: "fail", id, defect: toWireError(failureOf(booking)) } })
      case "memory":
        return worker.send({ kind: "fault", fault: { kind: "memory" } })
      case "exit":
        return worker.send({ kind: "fault", fault: { kind: "exit", code: fault.code } })
    }
  }

  private stopProcess(worker: Worker, millis: number): void {
    const resume = suspend(worker)
    this.later(millis, resume, resume)
  }

  private stopThread(worker: Worker, millis: number): void {
    const gate = new Int32Array(new SharedArrayBuffer(4))
    worker.send({ kind: "fault", fault: { kind: "freeze", gate, millis } })
    const open = () => {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    }
    this.later(millis, open, open)
  }

  /** Answers with what cancels it. A close cancels it too, and does `onClose` in its place. */
  private later(millis: number, action: () => void, onClose = () => {}): () => void {
    const cancel = () => {
      clearTimeout(timer)
      this.pending.delete(close)
    }
    const close = () => {
      cancel()
      onClose()
    }
    // It keeps no program alive: whoever awaits the task does.
    const timer = setTimeout(() => {
      cancel()
      action()
    }, millis).unref()
    this.pending.add(close)
    return cancel
  }

  private around(
    task: Effect.Effect<unknown, unknown>,
    booking: Booking,
    fault: Fault | undefined
  ): Effect.Effect<unknown, unknown> {
    const start = Effect.sync(() => {
      booking.starts++
      if (fault !== undefined && !this.closed) this.ledger.struck(booking, fault, undefined)
    })
    const struck = Effect.suspend(() => (this.closed ? task : onFiber(task, booking, fault)))
    return Effect.onExit(Effect.andThen(start, struck), () => Effect.sync(() => booking.answered("replied")))
  }
}

/** The faults that a fiber can suffer. */
const onFiber = (
  task: Effect.Effect<unknown, unknown>,
  booking: Booking,
  fault: Fault | undefined
): Effect.Effect<unknown, unknown> => {
  if (fault?.kind === "fail") return Effect.die(failureOf(booking))
  if (fault?.kind !== "slow") return task
  const answer = Effect.flatMap(Effect.exit(task), (exit) => Effect.andThen(Effect.sleep(fault.answer), exit))
  return Effect.andThen(Effect.sleep(fault.start), answer)
}

export const failureOf = ({ tag, task }: Booking): InjectedFailure => new InjectedFailure({ task, tag })
