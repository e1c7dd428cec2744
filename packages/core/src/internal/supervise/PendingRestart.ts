/**
 * Children that are going to start together, at once or after a delay. A later restart of a larger group takes members over,
 * and whoever stops a child takes it out; one that has none left is called off.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { ChildRecord } from "./ChildRecord.ts"

export class PendingRestart {
  readonly members: Set<ChildRecord>
  private timer: Fiber.Fiber<void> | undefined

  constructor(members: ReadonlyArray<ChildRecord>) {
    this.members = new Set(members)
    for (const member of members) {
      leaveRestart(member)
      member.pending = this
      member.status = "restarting"
    }
  }

  startTimer(delay: number, onDue: () => void): Effect.Effect<void> {
    return Effect.uninterruptible(
      Effect.map(
        Effect.forkDetach(Effect.andThen(Effect.sleep(Duration.millis(delay)), Effect.sync(onDue))),
        (fiber) => {
          this.timer = fiber
        }
      )
    )
  }

  leave(record: ChildRecord): void {
    this.members.delete(record)
    if (this.members.size === 0) this.timer?.interruptUnsafe()
  }
}

/** The child does not wait for its restart any more. */
export const leaveRestart = (record: ChildRecord): void => {
  record.pending?.leave(record)
  record.pending = undefined
}
