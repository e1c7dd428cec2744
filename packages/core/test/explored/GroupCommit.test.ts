/** What holds of writes that are done together, under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { GroupCommit } from "../../src/internal/file/GroupCommit.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { together } from "../support/explored.ts"

const it = withExplore(base)

/** A file in memory that takes a while to write to, and that fails at one of its writes. */
const log = (failing = -1) => {
  const writes: Array<ReadonlyArray<string>> = []
  let writing = 0
  const commits = new GroupCommit<string, "full">((items) =>
    Effect.gen(function* () {
      assert.equal(++writing, 1, "two writes at the same time")
      const number = writes.length
      writes.push([...items])
      yield* Effect.yieldNow
      writing--
      if (number === failing) return yield* Effect.fail("full" as const)
    })
  )
  return { commits, writes }
}

const names = ["a", "b", "c"]

describe("GroupCommit, explored", () => {
  for (const strategy of [Explore.random, Explore.exhaustive({ preemptions: 2 })]) {
    it.explore(
      `writes all once, each batch whole, one at a time: ${strategy.name}`,
      Effect.gen(function* () {
        const { commits, writes } = log()
        yield* together(
          names.map((name) =>
            Effect.gen(function* () {
              yield* commits.add([`${name}1`, `${name}2`])
              assert.ok(writes.flat().includes(`${name}2`), "it is written when add has succeeded")
            })
          )
        )
        const written = writes.flat()
        assert.deepEqual(written.toSorted(), ["a1", "a2", "b1", "b2", "c1", "c2"])
        for (const name of names) assert.equal(written.indexOf(`${name}2`), written.indexOf(`${name}1`) + 1)
      }),
      { strategy, schedules: 2000 }
    )

    it.explore(
      `tells those whose write failed, and no others: ${strategy.name}`,
      Effect.gen(function* () {
        const { commits, writes } = log(0)
        const exits = yield* together(names.map((name) => Effect.exit(commits.add([name]))))
        for (const [index, name] of names.entries()) {
          assert.equal(Exit.isFailure(exits[index]!), writes[0]?.includes(name), `${name} of ${JSON.stringify(writes)}`)
        }
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "goes on when one who waits, or writes, is interrupted at any step",
    Effect.gen(function* () {
      const { commits, writes } = log()
      yield* together([Explore.interrupted(commits.add(["a"])), commits.add(["b"])])
      yield* commits.add(["c"])
      const written = writes.flat()
      assert.deepEqual(
        written.filter((name) => name !== "a"),
        ["b", "c"]
      )
      assert.ok(written.filter((name) => name === "a").length <= 1)
    }),
    { strategy: Explore.exhaustive({ preemptions: 2 }), schedules: 5000 }
  )
})
