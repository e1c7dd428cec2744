/** What a schedule costs, beside the plain run of the same program: two fibers, some ten steps. */
import * as Explore from "@ropewalk/core/testing/Explore"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"

const runs = 20_000
const rounds = 5

const program = Effect.gen(function* () {
  const count = yield* Ref.make(0)
  const add = Ref.update(count, (n) => n + 1)
  const adds = Effect.andThen(add, Effect.andThen(add, Effect.andThen(add, add)))
  yield* Effect.all([adds, adds], { concurrency: "unbounded" })
})

const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / runs
}

const plain = () => {
  for (let run = 0; run < runs; run++) Effect.runSync(program)
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

for (const strategy of [Explore.random, Explore.pct({ depth: 3 })]) {
  const explored: Array<number> = []
  const ratios: Array<number> = []
  let steps = 0
  for (let round = 0; round < rounds; round++) {
    const bare = await timed(plain)
    const cost = await timed(async () => {
      const report = await Effect.runPromise(Explore.run(program, { strategy, schedules: runs, seed: round }))
      steps = report.steps / report.runs
    })
    explored.push(cost)
    ratios.push(cost / bare)
  }
  const perSecond = Math.round(1000 / median(explored)).toLocaleString("en-US")
  console.log(
    `${strategy.name}: ${perSecond} schedules a second of ${steps.toFixed(1)} steps, ${median(ratios).toFixed(1)} × runSync (medians of ${rounds})`
  )
}
