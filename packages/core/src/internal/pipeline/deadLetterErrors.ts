/**
 * What can go wrong with dead letters. Public through `DeadLetter`.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { describeValue } from "../errors.ts"

/** A dead letter could not be kept. The pipeline fails with this rather than lose an element in silence. */
export class DeadLetterFailed extends Schema.TaggedError<DeadLetterFailed>()("DeadLetterFailed", {
  /** The file, or what else the sink calls itself. */
  sink: Schema.String,
  /** The stage whose letter it was; `undefined` when the sink could not be opened or closed. */
  stage: Schema.optionalKey(Schema.String),
  cause: Schema.Defect()
}) {
  override get message(): string {
    const what = this.stage === undefined ? "letters" : `a letter of "${this.stage}"`
    return `The dead-letter sink ${this.sink} can't take ${what}: ${describeValue(this.cause)}`
  }
}
