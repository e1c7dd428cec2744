/**
 * What can go wrong with a scope of tasks, beside what goes wrong with its tasks.
 *
 * @internal
 */
import * as Schema from "effect/Schema"

const many = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`

/**
 * The time of a scope ran out: its children, and its body, were stopped. Of nested scopes only the one whose time it was
 * fails with this; an interrupt from outside is never reported so.
 *
 * @since 0.1.0
 */
export class ScopeTimeout extends Schema.TaggedError<ScopeTimeout>()("ScopeTimeout", {
  scope: Schema.String,
  /** The time it had. */
  millis: Schema.Number,
  /** How many children had not ended. */
  unfinished: Schema.Number,
  /** How many had. */
  finished: Schema.Number,
  /** Names of children that had not ended, of ten at the most. */
  names: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const more = this.unfinished > this.names.length ? ", …" : ""
    const which = this.names.length === 0 ? "" : ` (${this.names.join(", ")}${more})`
    return `The scope "${this.scope}" had not ended after ${this.millis} ms: ${many(this.finished, "child").replace(/childs$/, "children")} finished, ${this.unfinished} did not${which}. Give it more time, or less to do`
  }
}

/**
 * As many children as the joiner wanted could not succeed, and none of them failed: there were too few, or they were
 * interrupted.
 *
 * @since 0.1.0
 */
export class NotEnough extends Schema.TaggedError<NotEnough>()("NotEnough", {
  joiner: Schema.String,
  wanted: Schema.Number,
  succeeded: Schema.Number
}) {
  override get message(): string {
    return `"${this.joiner}" wanted ${many(this.wanted, "success").replace(/successs$/, "successes")} and got ${this.succeeded}: fork more children, or want fewer`
  }
}

/**
 * A scope was used after its end, outside of the function that it was given to: a defect, since the program lets it escape.
 *
 * @since 0.1.0
 */
export class ScopeClosed extends Schema.TaggedError<ScopeClosed>()("ScopeClosed", {
  scope: Schema.String,
  /** The child that was to be opened in it. */
  child: Schema.String
}) {
  override get message(): string {
    return `"${this.child}" was forked in the scope "${this.scope}" after its end: fork inside of the function that TaskScope.run calls, or in a scope that lives longer`
  }
}

/** A child waits for the scope that it is in, and so for itself: a defect. */
export class JoinsItself extends Schema.TaggedError<JoinsItself>()("JoinsItself", {
  scope: Schema.String,
  child: Schema.String
}) {
  override get message(): string {
    return `"${this.child}" waits for the end of all children of "${this.scope}", of which it is one: join in the body of the scope`
  }
}

/**
 * The work that was shielded from an interrupt had not ended so long after it, and was stopped.
 *
 * @since 0.1.0
 */
export class ShieldExpired extends Schema.TaggedError<ShieldExpired>()("ShieldExpired", {
  /** The time it had from the interrupt on. */
  millis: Schema.Number
}) {
  override get message(): string {
    return `What was shielded had not ended ${this.millis} ms after the interrupt, and was stopped: give it more time, or let it do less`
  }
}
