/** The handlers of the group: each calls its plain function. */
import * as Effect from "effect/Effect"
import * as functions from "./functions.ts"
import { Work } from "./group.ts"

export const handlers = Work.toLayer({
  add: (pair) => Effect.succeed(functions.add(pair)),
  increment: (n) => Effect.succeed(functions.increment(n)),
  incrementAll: (numbers) => Effect.succeed(functions.incrementAll(numbers)),
  fib: (n) => Effect.sync(() => functions.fib(n)),
  busy: (millis) => Effect.sync(() => functions.busy(millis)),
  touch: (bytes) => Effect.succeed(functions.touch(bytes)),
  spin: () => Effect.sync(functions.spin),
  echo1: (value) => Effect.succeed(value),
  echo10: (value) => Effect.succeed(value),
  echo100: (value) => Effect.succeed(value),
  echoText: (text) => Effect.succeed(text)
})
