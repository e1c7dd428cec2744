/**
 * Writes that wait for a write that goes on are done together by the next one, as the logs of databases do it (DeWitt and
 * others, 1984). So a sync to disk is paid for once by all who came meanwhile, and one who is alone waits for nobody.
 *
 * ```text
 * a ──add──▶ writes [a] ──────────▶ done
 *   b ──add──▶ waits ┐               ├─▶ writes [b c] ──▶ b and c are done
 *     c ──add──▶ waits ┘ ────────────┘
 * ```
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Semaphore from "effect/Semaphore"
import { touched } from "../touched.ts"

interface Batch<A, E> {
  readonly items: Array<A>
  /** How it was written; `undefined` until it is. */
  exit: Exit.Exit<void, E> | undefined
}

export class GroupCommit<A, E> {
  private readonly write: (items: ReadonlyArray<A>) => Effect.Effect<void, E>
  private readonly turn = Semaphore.makeUnsafe(1)
  /** What the next write will take. */
  private gathering: Batch<A, E> | undefined

  constructor(write: (items: ReadonlyArray<A>) => Effect.Effect<void, E>) {
    this.write = write
  }

  /**
   * Succeeds when these have been written, all in one write and after all that was added before. A fiber that is interrupted
   * while it waits has added them all the same: the next write takes them.
   */
  add(items: ReadonlyArray<A>): Effect.Effect<void, E> {
    return Effect.suspend(() => {
      touched(this)
      this.gathering ??= { items: [], exit: undefined }
      const batch = this.gathering
      for (const item of items) batch.items.push(item)
      // The first of them to have its turn writes for all; the others find it written.
      return this.inTurn(Effect.suspend(() => batch.exit ?? this.commit(batch)))
    })
  }

  /** Runs an effect when what is being written has been, and nothing else is. It is not interrupted. */
  inTurn<B, E2, R>(effect: Effect.Effect<B, E2, R>): Effect.Effect<B, E2, R> {
    return this.turn.withPermits(1)(Effect.uninterruptible(effect))
  }

  private commit(batch: Batch<A, E>): Effect.Effect<void, E> {
    touched(this)
    this.gathering = undefined
    return Effect.onExit(this.write(batch.items), (exit) =>
      Effect.sync(() => {
        touched(this)
        batch.exit = exit
      })
    )
  }
}
