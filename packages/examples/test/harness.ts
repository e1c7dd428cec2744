/** Plays a demo under the test clock, from the article's minute, and gives back what it said. */
import type { DemoEvent } from "@ropewalk/examples/DemoEvent"
import { CpuMillis, runOne } from "@ropewalk/examples/DemoRunner"
import { find } from "@ropewalk/examples/Demos"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

/** Fri Jan  5 22:44:25 2018, when the article's first program started. */
const ARTICLE = Date.UTC(2018, 0, 5, 22, 44, 25)

export const play = Effect.fnUntraced(function* (name: string, options: { scale?: number; seed?: number } = {}) {
  const events: Array<DemoEvent> = []
  yield* TestClock.setTime(ARTICLE)
  let cpu = 0
  const fiber = yield* runOne(find(name)!, {
    scale: options.scale ?? 1,
    seed: options.seed ?? 1,
    timeZone: "UTC",
    render: (event) => events.push(event)
  }).pipe(
    Effect.provideService(CpuMillis, () => cpu++),
    Effect.forkChild
  )
  // The file of the demo is loaded by real input, which no test clock moves.
  yield* Effect.promise(find(name)!.load)
  yield* TestClock.adjust("5 minutes")
  const passed = yield* Fiber.join(fiber)
  return { passed, events, ...summarize(events) }
})

/** What a test looks at: the lines, the verdict, and when each task ran, in seconds. */
export const summarize = (events: ReadonlyArray<DemoEvent>) => ({
  lines: events.flatMap((event) => (event.type === "line" ? [event.text] : [])),
  verdict: events.find((event) => event.type === "verdict"),
  lanes: events.flatMap((event) =>
    event.type === "lane"
      ? [{ task: event.task, from: event.fromMs / 1000, to: event.toMs / 1000, end: event.end }]
      : []
  )
})
