/**
 * Some of the demos that were run failed. What each of them said is in its own output.
 */
import * as Schema from "effect/Schema"

export class DemosFailed extends Schema.TaggedError<DemosFailed>()("DemosFailed", {
  failed: Schema.Array(Schema.String),
  of: Schema.Int
}) {
  override get message(): string {
    return `${this.failed.length} of ${this.of} demos failed: ${this.failed.join(", ")}`
  }
}
