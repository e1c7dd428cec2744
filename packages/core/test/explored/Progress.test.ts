/** What holds of a picture of progress under every schedule that was looked at, and wherever it is interrupted. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { draw } from "../../src/internal/progress/draw.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { pipelineStats } from "../support/pipelineStats.ts"
import { Screen } from "../support/Screen.ts"

const it = withExplore(base)

const snapshots = [1, 2, 3].map((out) =>
  pipelineStats([{ name: "work", kind: "source", out }], { elapsed: out, done: out, isDone: out === 3 })
)

const drawn = (screen: Screen) =>
  draw(
    Stream.mapEffect(Stream.fromIterable(snapshots), (stats) => Effect.as(Effect.yieldNow, stats)),
    { interval: "1 second" },
    { stream: screen, others: [], env: {} }
  )

/** Nothing of ours is left on the terminal but the picture. */
const assertGivenBack = (screen: Screen, write: Screen["write"]) => {
  assert.ok(screen.isCursorShown && screen.isWrapping, "the cursor is there")
  assert.ok(screen.write === write && screen.listeners.size === 0, "nobody watches the terminal")
}

describe("Progress, explored", () => {
  for (const strategy of [Explore.random, Explore.exhaustive({ preemptions: 1 })]) {
    it.explore(
      `ends with the last picture: ${strategy.name}`,
      Effect.gen(function* () {
        const screen = new Screen()
        const { write } = screen
        yield* drawn(screen)
        assertGivenBack(screen, write)
        assert.match(screen.lines[0] ?? "", /^3 .* ended after 3 ms$/)
      }),
      { strategy, schedules: 500 }
    )

    it.explore(
      `gives back the terminal wherever it is interrupted: ${strategy.name}`,
      Effect.gen(function* () {
        const screen = new Screen()
        const { write } = screen
        yield* Explore.interrupted(drawn(screen))
        assertGivenBack(screen, write)
      }),
      { strategy, schedules: 2000 }
    )
  }
})
