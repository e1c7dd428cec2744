import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { withExplore } from "../../src/testing/Vitest.ts"
import { lostUpdate } from "../gallery/lostUpdate.ts"

it("withExplore declares a test that fails with the report, and leaves `it` as it was", async () => {
  const declared = new Map<string, () => Promise<void>>()
  const base = (name: string, test: () => Promise<void>) => declared.set(name, test)
  const explored = withExplore(base)
  explored.explore("broken", lostUpdate.broken)
  explored.explore("fixed", lostUpdate.fixed, { schedules: 50 })
  explored("plain", () => Effect.runPromise(Effect.void))

  assert.deepStrictEqual([...declared.keys()], ["broken", "fixed", "plain"])
  assert.isFalse("explore" in base)
  await declared.get("fixed")!()
  const error = await declared.get("broken")!().then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  assert.instanceOf(error, Error)
  assert.match((error as Error).message, /^defect found in .*EXPLORE_REPLAY=x1-/s)
})
