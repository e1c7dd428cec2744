/** What holds of a channel of one thread under every schedule that was looked at. */
import * as assert from "node:assert/strict"
import { it as base, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Channel from "../../src/Channel.ts"
import * as Explore from "../../src/testing/Explore.ts"
import { withExplore } from "../../src/testing/Vitest.ts"
import { everything, together } from "../support/explored.ts"

const it = withExplore(base)

const putAll = (channel: Channel.Channel<string>, name: string) =>
  Effect.forEach([1, 2, 3], (n) => channel.put(`${name}${n}`))

/** Takes until the channel has ended. */
const takeAll = (channel: Channel.Channel<string>, taken: Array<string>) =>
  channel.take.pipe(
    Effect.tap((item) => Effect.sync(() => taken.push(item))),
    Effect.forever,
    Effect.catchTag("ChannelClosed", () => Effect.void)
  )

const isInOrder = (taken: ReadonlyArray<string>, name: string) => {
  const own = taken.filter((item) => item.startsWith(name))
  assert.deepEqual(own, own.toSorted())
}

describe("Channel, explored", () => {
  for (const strategy of [Explore.random, Explore.pct({ depth: 3 }), Explore.exhaustive({ preemptions: 1 })]) {
    it.explore(
      `delivers each item once, in its sender's order: ${strategy.name}`,
      Effect.gen(function* () {
        const channel = yield* Channel.make<string>({ capacity: 2 })
        const taken: Array<string> = []
        const send = Effect.andThen(together([putAll(channel, "a"), putAll(channel, "b")]), channel.close)
        yield* together([send, takeAll(channel, taken)])
        assert.deepEqual(taken.toSorted(), ["a1", "a2", "a3", "b1", "b2", "b3"])
        isInOrder(taken, "a")
        isInOrder(taken, "b")
      }),
      { strategy, schedules: 2000 }
    )
  }

  it.explore(
    "delivers what is put, in order, under every schedule of a sender and a receiver",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      const send = Effect.andThen(channel.put("a"), channel.put("b"))
      const [, taken] = yield* together([send, Effect.all([channel.take, channel.take])])
      assert.deepEqual(taken, ["a", "b"])
    }),
    { strategy: everything, schedules: Number.POSITIVE_INFINITY }
  )

  it.explore(
    "Q71: a take that is interrupted while it waits drops no item",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 2 })
      const taken: Array<string> = []
      const puts = Effect.andThen(channel.put("a"), channel.put("b"))
      const [exit] = yield* Effect.all([Explore.interrupted(channel.take), puts], { concurrency: "unbounded" })
      yield* channel.close
      yield* takeAll(channel, taken)
      // An interrupt that comes when the take has succeeded, and before anybody has its item, comes too late for it.
      const expected = Exit.isSuccess(exit) ? ["b"] : ["a,b", "b"]
      assert.ok(expected.includes(taken.join()), `${exit} and ${taken}`)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "a put that is interrupted anywhere is accepted whole or not at all, and holds no place",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      yield* channel.put("first")
      const taken: Array<string> = []
      const take = Effect.tap(channel.take, (item) => Effect.sync(() => taken.push(item)))
      const put = Explore.interrupted(channel.put("second"))
      const [exit] = yield* Effect.all([put, take], { concurrency: "unbounded" })
      // Accepted, an interrupt that comes right after can't take it back.
      if (Exit.isSuccess(exit) || (yield* channel.size) > 0) taken.push(yield* channel.take)
      assert.equal(yield* channel.size, 0)
      yield* channel.tryPut("third")
      assert.ok(["first", "first,second"].includes(taken.join()))
    }),
    { schedules: 3000 }
  )

  it.explore(
    "close wakes everybody who waits",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      const takers = together([Effect.exit(channel.take), Effect.exit(channel.take)])
      const [exits] = yield* together([takers, Effect.as(channel.close, [])])
      assert.equal(exits?.filter(Exit.isFailure).length, 2)
    }),
    { strategy: Explore.exhaustive({ preemptions: 2 }) }
  )

  it.explore(
    "is as good as before when a sender and a receiver were interrupted anywhere",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      yield* together(
        [channel.put("a"), channel.put("b"), channel.take].map((use: Effect.Effect<unknown, unknown>) =>
          Explore.interrupted(use)
        )
      )
      const left: Array<string> = []
      yield* together([Effect.andThen(channel.put("c"), channel.close), takeAll(channel, left)])
      assert.equal(left.at(-1), "c")
      assert.equal(new Set(left).size, left.length)
    }),
    { schedules: 3000 }
  )

  it.explore(
    "that is closed or abandoned leaves nobody waiting",
    Effect.gen(function* () {
      const channel = yield* Channel.make<string>({ capacity: 1 })
      yield* together(
        [channel.put("a"), channel.put("b"), channel.take, channel.take, channel.close, channel.abandon("over")].map(
          (use: Effect.Effect<unknown, unknown>) => Effect.exit(use)
        )
      )
    }),
    { schedules: 3000 }
  )
})
