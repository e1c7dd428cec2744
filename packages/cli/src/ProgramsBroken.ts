/**
 * Some of the programs that were explored are wrong under some schedule. Which, and how, is in their reports.
 */
import * as Schema from "effect/Schema"

export class ProgramsBroken extends Schema.TaggedError<ProgramsBroken>()("ProgramsBroken", {
  broken: Schema.Array(Schema.String),
  of: Schema.Int
}) {
  override get message(): string {
    return `${this.broken.length} of ${this.of} programs broken: ${this.broken.join(", ")}`
  }
}
