/**
 * A module can't be loaded, or has no program to explore.
 */
import * as Schema from "effect/Schema"

export class ModuleUnusable extends Schema.TaggedError<ModuleUnusable>()("ModuleUnusable", {
  module: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `nothing to explore in ${this.module}: ${this.reason}`
  }
}
