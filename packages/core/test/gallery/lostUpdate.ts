/** Read, then write: what another wrote in between is lost. */
import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { Bug } from "./Bug.ts"

const twoDeposits = (deposit: (balance: Ref.Ref<number>) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const balance = yield* Ref.make(0)
    yield* Effect.all([deposit(balance), deposit(balance)], { concurrency: "unbounded" })
    assert.equal(yield* Ref.get(balance), 2)
  })

export const lostUpdate: Bug = {
  name: "lost update",
  kind: "defect",
  proof: "every schedule",
  broken: twoDeposits((balance) =>
    Effect.gen(function* () {
      const before = yield* Ref.get(balance)
      yield* Ref.set(balance, before + 1)
    })
  ),
  fixed: twoDeposits((balance) => Ref.update(balance, (before) => before + 1))
}
