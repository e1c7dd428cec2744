/** Plays demos for tests: under the test clock, or for real. */
import type { DemoEvent } from "@ropewalk/examples/DemoEvent"
import { CpuMillis, type Options, runOne } from "@ropewalk/examples/DemoRunner"
import { find } from "@ropewalk/examples/Demos"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

/** Fri Jan  5 22:44:25 2018, when the article's first program started. */
const ARTICLE = Date.UTC(2018, 0, 5, 22, 44, 25)

interface Settings {
  readonly scale?: number
  readonly seed?: number
  readonly baseUrl?: string
}

/** Plays a demo from the article's minute on, second by second of the test clock, until it ends. */
export const play = Effect.fnUntraced(function* (name: string, settings: Settings = {}) {
  yield* TestClock.setTime(ARTICLE)
  const started = yield* Deferred.make<void>()
  let cpu = 0
  const fiber = yield* record(name, settings, () => Deferred.doneUnsafe(started, Effect.void)).pipe(
    Effect.provideService(CpuMillis, () => cpu++),
    Effect.forkChild
  )
  // The file of the demo is loaded in real time, which no test clock moves.
  yield* Deferred.await(started)
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("250 millis")
  const tookMs = (yield* Clock.currentTimeMillis) - ARTICLE
  return { ...(yield* Fiber.join(fiber)), tookMs }
})

/** Runs a demo on the clock that is there, and gives back what it said. */
export const record = Effect.fnUntraced(function* (
  name: string,
  { baseUrl, scale = 1, seed = 1 }: Settings,
  onStart?: () => void
) {
  const events: Array<DemoEvent> = []
  const render: Options["render"] = (event) => {
    events.push(event)
    if (event.type === "demo-started") onStart?.()
  }
  const passed = yield* runOne(find(name)!, { scale, seed, baseUrl, timeZone: "UTC", render })
  return {
    passed,
    events,
    lines: events.flatMap((event) => (event.type === "line" ? [event.text] : [])),
    verdict: events.find((event) => event.type === "verdict"),
    ended: events.find((event) => event.type === "demo-ended"),
    lanes: events.flatMap((event) =>
      event.type === "lane"
        ? [{ task: event.task, from: event.fromMs / 1000, to: event.toMs / 1000, end: event.end }]
        : []
    )
  }
})
