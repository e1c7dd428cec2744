/** Plans as values, as text, and drawn from a seed. */
import { assert, describe, it } from "@effect/vitest"
import * as Pool from "@ropewalk/core/Pool"
import * as Chaos from "@ropewalk/core/testing/Chaos"
import * as Effect from "effect/Effect"
import * as places from "../fixtures/places.ts"

describe("a plan", () => {
  const faults = [
    Chaos.kill(),
    Chaos.stop("200 millis", { after: 50 }),
    Chaos.slow({ start: 1.5 }),
    Chaos.memory({ after: "1 second" }),
    Chaos.fail(),
    Chaos.exit(7)
  ]

  it.effect("prints as a line, and parses back", () =>
    Effect.gen(function* () {
      const explicit = Chaos.plan(faults.map((fault, index) => Chaos.at(10 - index, fault)))
      assert.equal(Chaos.format(explicit), "5:exit(7) 6:fail 7:memory+1000 8:slow(1.5,0) 9:stop(200)+50 10:kill")
      const random = Chaos.random({ seed: -5, rate: 0.25, faults })
      const text = "seed=-5 rate=0.25 kill stop(200)+50 slow(1.5,0) memory+1000 fail exit(7)"
      assert.equal(Chaos.format(random), text)
      for (const plan of [explicit, random, Chaos.plan([])]) {
        assert.deepEqual(yield* Chaos.parse(Chaos.format(plan)), plan)
      }
    })
  )

  const refusals: ReadonlyArray<readonly [text: string, why: string]> = [
    ["3:kil", "3:kil"],
    ["kill", "kill"],
    ["3:kill 4:stop", "stop"],
    ["3:fail(1)", "3:fail(1)"],
    ["3:exit(256)", "256"],
    ["3:exit(1,2)", "exit(1,2)"],
    ["0:kill", "no task 0"],
    ["3:kill 3:fail", "two faults"],
    ["seed=x rate=1 kill", "seed"],
    ["seed=1 kill", "rate"],
    ["seed=1 rate=2 kill", "from 0 to 1"],
    ["seed=1 rate=0.5", "no faults"]
  ]
  it.effect.each(refusals)("%s is refused, and says why", ([text, why]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(Chaos.parse(text))
      assert.instanceOf(refused, Pool.InvalidOption)
      assert.include(refused.message, why)
    })
  )

  it.effect("that makes no sense is refused when the pool is wrapped", () =>
    Effect.gen(function* () {
      const { pool } = yield* places.fiber.make()
      for (const fault of [Chaos.slow({ start: -1 }), Chaos.slow({ answer: "soon" as never })]) {
        assert.instanceOf(yield* Effect.flip(Chaos.wrap(pool, Chaos.plan([Chaos.at(1, fault)]))), Pool.InvalidOption)
      }
    })
  )

  it("of a seed is the same each time, and another for another seed", () => {
    const of = (seed: number, tasks = 200) =>
      Chaos.format(Chaos.unfold(Chaos.random({ seed, rate: 0.2, faults }), tasks))
    assert.equal(of(1), of(1))
    assert.isTrue(of(1).startsWith(of(1, 100)), "more tasks don't change the faults of the first")
    assert.equal(new Set([of(0), of(1), of(-1), of(2 ** 40)]).size, 4)
  })

  it("of a seed strikes about as many as its rate says, with each of its faults", () => {
    const plan = Chaos.unfold(Chaos.random({ seed: 5, rate: 0.3, faults }), 10_000)
    const strikes = plan.kind === "explicit" ? plan.strikes : []
    assert.isTrue(Math.abs(strikes.length - 3000) < 200, `${strikes.length}`)
    for (const fault of faults) {
      const share = strikes.filter((strike) => strike.fault === fault).length
      assert.isTrue(Math.abs(share - 500) < 100, `${fault.kind}: ${share}`)
    }
  })
})
