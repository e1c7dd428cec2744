/**
 * Random pipelines over random input give what plain arrays give: the same array where every stage keeps the order, the same
 * elements otherwise. A seed that fails is printed: put it in `seeds` to see it again.
 */
import { assert, describe, it } from "@effect/vitest"
import type * as CheckpointStore from "@ropewalk/core/CheckpointStore"
import * as Pipeline from "@ropewalk/core/Pipeline"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Prng } from "../../../src/internal/explore/Prng.ts"

type Numbers = Pipeline.Pipeline<number, unknown>

/** A stage, and what it is on arrays. */
interface Step {
  readonly name: string
  readonly stage: (self: Numbers) => Numbers
  readonly model: (all: ReadonlyArray<number>) => ReadonlyArray<number>
  readonly isOrdered: boolean
}

/** A function's answer: at once, as a success, or after some turns. */
const answers = <A>(random: Prng): ((value: A) => A | Effect.Effect<A>) => {
  const kind = random.below(4)
  return (value) => {
    if (kind === 0) return value
    if (kind === 1) return Effect.succeed(value)
    let turns = kind === 2 ? 1 : Math.abs(Number(value)) % 4
    const turn: Effect.Effect<A> = Effect.suspend(() =>
      turns-- > 0 ? Effect.andThen(Effect.yieldNow, turn) : Effect.succeed(value)
    )
    return turn
  }
}

const optionsOf = (random: Prng) => ({
  concurrency: ([1, 2, 5, "unbounded"] as const)[random.below(4)] ?? 1,
  buffer: random.below(3),
  ordered: random.below(3) > 0
})

/** Knows of one element from earlier, and learns nothing: elements here have no keys of their own. */
const store: CheckpointStore.CheckpointStore = {
  has: (key) => Effect.as(Effect.yieldNow, key === "1"),
  markDone: () => Effect.yieldNow
}

/** What is one element for another can't come too early when only one is worked on at a time. */
const keepsOrder = ({ concurrency, ordered }: ReturnType<typeof optionsOf>): boolean => ordered || concurrency === 1

const steps: ReadonlyArray<(random: Prng) => Step> = [
  (random) => {
    const options = optionsOf(random)
    const answer = answers<number>(random)
    return {
      name: "map",
      stage: Pipeline.map((n) => answer(n + 1), options),
      model: (all) => all.map((n) => n + 1),
      isOrdered: keepsOrder(options)
    }
  },
  (random) => {
    const options = optionsOf(random)
    const answer = answers<boolean>(random)
    return {
      name: "filter",
      stage: (self) => Pipeline.filter(self, (n) => answer(n % 3 !== 0) as Effect.Effect<boolean>, options),
      model: (all) => all.filter((n) => n % 3 !== 0),
      isOrdered: keepsOrder(options)
    }
  },
  (random) => {
    const options = optionsOf(random)
    const isStream = random.below(2) === 0
    const many = (n: number) => Array.from({ length: Math.abs(n) % 3 }, (_, index) => n + index)
    return {
      name: "flatMap",
      stage: (self) => Pipeline.flatMap(self, (n) => (isStream ? Stream.fromIterable(many(n)) : many(n)), options),
      model: (all) => all.flatMap(many),
      isOrdered: keepsOrder(options)
    }
  },
  (random) => {
    const options = optionsOf(random)
    const fails = (n: number) => n % 4 === 1
    return {
      name: "skip",
      stage: (self) =>
        Pipeline.map(self, (n) => (fails(n) ? Effect.andThen(Effect.yieldNow, Effect.fail(n)) : n), {
          ...options,
          onError: Pipeline.skip
        }),
      model: (all) => all.filter((n) => !fails(n)),
      isOrdered: keepsOrder(options)
    }
  },
  (random) => {
    const size = 1 + random.below(4)
    return {
      name: `batch ${size}, flattened`,
      stage: (self) =>
        self.pipe(
          Pipeline.batch(size),
          Pipeline.flatMap((all) => all.values())
        ),
      model: (all) => all,
      isOrdered: true
    }
  },
  (random) => {
    const options = { ...optionsOf(random), concurrency: 1 + random.below(3) }
    const answer = answers<number>(random)
    return {
      name: "groupBy",
      stage: (self) =>
        Pipeline.groupBy(
          self,
          (n) => n % 3,
          (n) => answer(0 - n),
          options
        ),
      model: (all) => all.map((n) => 0 - n),
      isOrdered: options.ordered
    }
  },
  () => ({
    name: "partition",
    stage: (self) =>
      Pipeline.partition(self, (n) => n > 2, { matching: Pipeline.map((n) => n * 2), others: (rest) => rest }),
    model: (all) => all.map((n) => (n > 2 ? n * 2 : n)),
    isOrdered: false
  }),
  () => ({
    name: "broadcast",
    stage: (self) => Pipeline.broadcast(self, [(all) => all, Pipeline.filter((n) => n % 2 === 0)], { buffer: 2 }),
    model: (all) => [...all, ...all.filter((n) => n % 2 === 0)],
    isOrdered: false
  }),
  () => ({
    name: "merge",
    stage: (self) => Pipeline.merge(self, Pipeline.from([100, 200])),
    model: (all) => [...all, 100, 200],
    isOrdered: false
  }),
  () => ({
    name: "dedupe",
    stage: (self) => Pipeline.dedupe(self, { capacity: 10_000 }),
    model: (all) => [...new Set(all)],
    isOrdered: true
  }),
  () => ({
    name: "checkpoint",
    stage: (self) => Pipeline.checkpoint(self, store, (n) => `${n}`),
    model: (all) => all.filter((n) => n !== 1),
    isOrdered: true
  }),
  (random) => {
    const options = optionsOf(random)
    const answer = answers<number>(random)
    return {
      name: "reduce",
      stage: (self) =>
        Pipeline.reduce(
          self,
          { initial: () => 0, fold: (total: number, n: number) => answer(total + n), combine: (a, b) => answer(a + b) },
          options
        ),
      model: (all) => [all.reduce((total, n) => total + n, 0)],
      isOrdered: true
    }
  }
]

/** Only of what is in order it is known which come first. */
const taking = (random: Prng, isOrdered: boolean): Step | undefined => {
  const count = random.below(12)
  if (!isOrdered || random.below(3) > 0) return undefined
  return {
    name: `take ${count}`,
    stage: (self) => Pipeline.take(self, count),
    model: (all) => all.slice(0, count),
    isOrdered: true
  }
}

const programOf = (seed: number) => {
  const random = new Prng()
  random.reset(seed, 0)
  const input = Array.from({ length: random.below(3) === 0 ? random.below(3) : random.below(60) }, () =>
    random.below(12)
  )
  const program: Array<Step> = []
  let isOrdered = true
  for (let left = random.below(7); left > 0; left--) {
    const step: Step | undefined = taking(random, isOrdered) ?? steps[random.below(steps.length)]?.(random)
    if (step === undefined) continue
    program.push(step)
    isOrdered &&= step.isOrdered
  }
  const source =
    random.below(2) === 0
      ? Pipeline.from(input)
      : Pipeline.from(Stream.rechunk(Stream.fromIterable(input), 1 + random.below(5)))
  const pipeline = program.reduce<Numbers>((self, { stage }) => stage(self), source)
  const expected = program.reduce<ReadonlyArray<number>>((all, { model }) => model(all), input)
  return { pipeline, expected, isOrdered, names: program.map(({ name }) => name) }
}

const byValue = (a: number, b: number): number => a - b

const seeds = Array.from({ length: 600 }, (_, seed) => seed + 1)

describe("random pipelines", () => {
  for (const run of ["runCollect", "toStream"] as const) {
    it.effect(`${run}: what arrays give`, () =>
      Effect.forEach(
        seeds,
        (seed) =>
          Effect.gen(function* () {
            const { expected, isOrdered, names, pipeline } = programOf(seed)
            const exit = yield* Effect.exit(
              run === "runCollect" ? Pipeline.runCollect(pipeline) : Stream.runCollect(Pipeline.toStream(pipeline))
            )
            const what = `seed ${seed}: ${names.join(", ")}`
            if (exit._tag === "Failure") assert.fail(`${what}: ${exit.cause}`)
            else if (isOrdered) assert.deepEqual(exit.value, [...expected], what)
            else assert.deepEqual(exit.value.toSorted(byValue), expected.toSorted(byValue), what)
          }),
        { discard: true }
      )
    )
  }
})
