/**
 * Shows how a pipeline gets on, where somebody waits for it at a terminal.
 *
 * @internal
 */
import * as Pipeline from "@ropewalk/core/Pipeline"
import type { InvalidOption } from "@ropewalk/core/Pool"
import * as Progress from "@ropewalk/core/Progress"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** How progress is to be shown; not at all by default. */
export const ShowProgress = Context.Reference<Progress.Options | undefined>("@ropewalk/examples/ShowProgress", {
  defaultValue: () => undefined
})

/** `total`: how many elements there are, if that is known. @internal */
export const watched =
  (total?: number) =>
  <A, E, R>(self: Pipeline.Pipeline<A, E, R>): Pipeline.Pipeline<A, E | InvalidOption, R> =>
    Pipeline.observe(self, (run) =>
      Effect.flatMap(ShowProgress, (options) =>
        options === undefined ? Effect.void : Progress.show({ ...options, total })(run)
      )
    )
