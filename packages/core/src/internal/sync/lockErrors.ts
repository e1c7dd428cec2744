/**
 * What can go wrong with a lock. Fibers are named by their ids, as in Effect's logs and spans.
 *
 * @internal
 */
import * as Schema from "effect/Schema"

/** A release by a fiber that doesn't hold the lock. Nothing was changed. */
export class NotOwner extends Schema.TaggedError<NotOwner>()("NotOwner", {
  lock: Schema.String,
  /** The id of the fiber that holds the lock; absent if none does. */
  owner: Schema.optional(Schema.Number),
  /** The id of the fiber that tried to release it. */
  caller: Schema.Number
}) {
  override get message(): string {
    const holder = this.owner === undefined ? "nobody holds" : `fiber #${this.owner} holds`
    return `fiber #${this.caller} released ${this.lock}, which ${holder}: release once, in the fiber that acquired (withLock does)`
  }
}

/** Waiting for this lock would never end: its holder waits, perhaps through others, for the fiber that asked. */
export class Deadlock extends Schema.TaggedError<Deadlock>()("Deadlock", {
  /** Each fiber waits for a lock that the next one holds; the last is held by the first. */
  cycle: Schema.Array(Schema.Struct({ waiter: Schema.Number, lock: Schema.String, owner: Schema.Number }))
}) {
  override get message(): string {
    const ring = this.cycle.map(({ lock, owner, waiter }) => `fiber #${waiter} waits for ${lock}, held by #${owner}`)
    const advice =
      this.cycle.length === 1 ? "use Mutex.makeReentrant, or don't acquire it twice" : "acquire them in one order"
    return `${ring.join("; ")}: ${advice}`
  }
}

/** The lock didn't come free in the time that was given. Nothing was changed. */
export class LockTimeout extends Schema.TaggedError<LockTimeout>()("LockTimeout", {
  lock: Schema.String,
  /** The id of the fiber that held the lock in the end; absent if it was just changing hands. */
  owner: Schema.optional(Schema.Number)
}) {
  override get message(): string {
    return `${this.lock} is still held${this.owner === undefined ? "" : ` by fiber #${this.owner}`}: try again, or wait longer`
  }
}
