/**
 * Where elements come from.
 *
 * @internal
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { type Element, isEnd, isNow, type Pull } from "./Element.ts"
import { fileName, type Path, readLines } from "./lines.ts"
import { noteOrigin } from "./origin.ts"
import { type Collection, type Reading, read } from "./reading.ts"
import type { Opening, Stage } from "./Stage.ts"

const sourceStage = (reading: Effect.Effect<Reading, unknown>, name: string): Stage => ({
  info: { kind: "source", name },
  inputs: [],
  open: openSource(reading)
})

export const from = (collection: Collection, name = "source"): Stage => sourceStage(read(collection, name), name)

export const fromLines = (path: Path, name = fileName(path)): Stage => sourceStage(readLines(path), name)

/** Reads in the scope of the run; says of what it gives how much it was, and of a failure how far it had come. */
const openSource =
  (reading: Effect.Effect<Reading, unknown>) =>
  ({ meter, scope }: Opening): Effect.Effect<Pull, unknown> => {
    const counted = (elements: ReadonlyArray<Element>): ReadonlyArray<Element> => {
      meter.in += elements.length
      meter.out += elements.length
      return elements
    }
    const failed = (cause: Cause.Cause<unknown>) =>
      Effect.failCause(isEnd(cause) ? cause : noteOrigin(cause, meter.node.name, meter.out))
    const acquire = Effect.flatMap(reading, ({ close, pull }) => Effect.as(Scope.addFinalizer(scope, close), pull))
    return Effect.map(Effect.catchCause(Effect.uninterruptible(acquire), failed), (pull) => (most) => {
      const pulled = pull(most)
      if (isNow(pulled)) return counted(pulled)
      const startedAt = meter.start()
      return Effect.matchCauseEffect(pulled, {
        onSuccess: (elements) => {
          meter.end(startedAt)
          return Effect.succeed(counted(elements))
        },
        onFailure: (cause) => {
          meter.end(startedAt)
          return failed(cause)
        }
      })
    })
  }
