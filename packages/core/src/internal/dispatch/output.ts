/** @internal */
import * as Effect from "effect/Effect"
import type { OutputLine } from "../transport/Transport.ts"

type Sink = (line: OutputLine) => void

/** The caller's effect for a line, run with the services that are there when the pool is made. */
export const outputTo = (
  output: ((line: OutputLine) => Effect.Effect<void>) | undefined
): Effect.Effect<Sink | undefined> =>
  output === undefined
    ? Effect.succeed(undefined)
    : Effect.map(Effect.context<never>(), (context) => {
        const run = Effect.runForkWith(context)
        return (line) => void run(output(line))
      })
