import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { play } from "./harness.ts"

describe("demos on fibers, under the test clock", () => {
  it.effect("sequential prints what the article prints, in 12 seconds", () =>
    Effect.gen(function* () {
      const { lanes, lines, passed, verdict } = yield* play("sequential")
      assert.deepStrictEqual(lines, [
        "starting at: Fri Jan  5 22:44:25 2018",
        "start loop 0 at: Fri Jan  5 22:44:25 2018",
        "loop 0 done at: Fri Jan  5 22:44:29 2018",
        "start loop 1 at: Fri Jan  5 22:44:29 2018",
        "loop 1 done at: Fri Jan  5 22:44:31 2018",
        "all done at: Fri Jan  5 22:44:37 2018"
      ])
      assert.deepStrictEqual(lanes, [
        { task: "loop 0", from: 0, to: 4, end: "done" },
        { task: "loop 1", from: 4, to: 6, end: "done" },
        { task: "sleep(6)", from: 6, to: 12, end: "done" }
      ])
      assert.strictEqual(verdict?.elapsedMs, 12_000)
      assert.include(verdict?.shown, "only 6 s of it is work")
      assert.isTrue(passed)
    })
  )
})
