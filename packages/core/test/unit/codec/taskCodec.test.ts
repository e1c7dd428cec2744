import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import { taskCodec } from "../../../src/internal/codec/taskCodec.ts"
import type { WireExit } from "../../../src/internal/transport/Transport.ts"
import { Point, Refused } from "./schemas.ts"
import { wires } from "./wires.ts"

class Frozen extends Schema.TaggedError<Frozen>()("Frozen", { degrees: Schema.Number }) {
  constructor(...args: ConstructorParameters<typeof Frozen.Base>) {
    super(...args)
    Object.freeze(this)
  }
  static readonly Base = Schema.TaggedError<Frozen>()("Frozen", { degrees: Schema.Number })
}

const codecOf = (rpc: Rpc.Any) => taskCodec(rpc as unknown as Rpc.AnyWithProps)

const Mirror = Rpc.make("Mirror", {
  payload: {
    point: Point,
    names: Schema.Array(Schema.NonEmptyString),
    times: Schema.Number.pipe(Schema.withConstructorDefault(Effect.succeed(7)))
  },
  success: Schema.Option(Point),
  error: Schema.Union([Refused, Schema.String])
})

const point = new Point({ x: 3, y: 4 })

/** The outcome that the caller sees, by each wire. */
const outcomes = (rpc: Rpc.Any, exit: Exit.Exit<unknown, unknown>) => {
  const codec = codecOf(rpc)
  return Effect.flatMap(codec.encodeExit(exit), (encoded) =>
    Effect.forEach(Object.values(wires), (wire) =>
      Effect.flatMap(wire(encoded), (copy) => Effect.exit(codec.decodeExit(copy as WireExit)))
    )
  )
}

const failureOf = (exit: Exit.Exit<unknown, unknown>): any => Option.getOrThrow(Exit.findErrorOption(exit))

describe("a payload", () => {
  it.effect("gets the defaults of its schema, and its classes back", () =>
    Effect.gen(function* () {
      const codec = codecOf(Mirror)
      const encoded = yield* codec.encodePayload({ point, names: ["a"] })
      for (const wire of Object.values(wires)) {
        const arrived = yield* codec.decodePayload(yield* wire(encoded))
        expect(arrived).toStrictEqual({ point, names: ["a"], times: 7 })
      }
    })
  )

  it.effect("that does not fit fails with EncodeFailed, and says where", () =>
    Effect.gen(function* () {
      const codec = codecOf(Mirror)
      for (const check of [codec.encodePayload, codec.construct]) {
        const failed = yield* Effect.flip(check({ point, names: ["a", ""] }))
        expect(failed).toMatchObject({ _tag: "EncodeFailed", task: "Mirror", what: "payload", path: ["names", 1] })
        expect(failed.message).toContain("names.1")
      }
    })
  )
})

describe("a result", () => {
  it.effect("comes back as its class", () =>
    Effect.gen(function* () {
      for (const exit of yield* outcomes(Mirror, Exit.succeed(Option.some(point)))) {
        expect(exit).toStrictEqual(Exit.succeed(Option.some(point)))
      }
    })
  )

  it.effect("P53: that does not fit fails with EncodeFailed", () =>
    Effect.gen(function* () {
      for (const exit of yield* outcomes(Mirror, Exit.succeed(Option.some({ x: 1 })))) {
        expect(failureOf(exit)).toMatchObject({ _tag: "EncodeFailed", task: "Mirror", what: "result" })
      }
    })
  )

  it.effect("P53: that can't be read here fails with DecodeFailed", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        codecOf(Mirror).decodeExit({ kind: "success", value: { _tag: "Some", value: 1 } })
      )
      expect(failureOf(exit)).toMatchObject({ _tag: "DecodeFailed", task: "Mirror", what: "result", path: ["value"] })
    })
  )
})

describe("an error", () => {
  it.effect("P42: keeps its class, its fields, its stack and its cause", () =>
    Effect.gen(function* () {
      const refused = Object.assign(new Refused({ code: 3, at: new Date(1), note: Option.some("no") }), {
        cause: new RangeError("root")
      })
      for (const exit of yield* outcomes(Mirror, Exit.fail(refused))) {
        const arrived = failureOf(exit)
        expect(arrived).toBeInstanceOf(Refused)
        expect(arrived).toMatchObject({ code: 3, at: new Date(1), note: Option.some("no") })
        expect(arrived.stack).toBe(refused.stack)
        expect(arrived.cause).toBeInstanceOf(RangeError)
        expect(arrived.cause.message).toBe("root")
      }
    })
  )

  it.effect("may be no Error at all", () =>
    Effect.gen(function* () {
      for (const exit of yield* outcomes(Mirror, Exit.fail("plain"))) expect(exit).toStrictEqual(Exit.fail("plain"))
    })
  )

  it.effect("whose constructor freezes it arrives nevertheless", () =>
    Effect.gen(function* () {
      const rpc = Rpc.make("Freeze", { error: Frozen })
      for (const exit of yield* outcomes(rpc, Exit.fail(new Frozen({ degrees: -3 })))) {
        expect(failureOf(exit)).toMatchObject({ _tag: "Frozen", degrees: -3 })
      }
    })
  )

  it.effect("that its schema does not know fails with EncodeFailed", () =>
    Effect.gen(function* () {
      for (const exit of yield* outcomes(Mirror, Exit.fail({ _tag: "Stranger" }))) {
        expect(failureOf(exit)).toMatchObject({ _tag: "EncodeFailed", what: "result" })
      }
    })
  )
})

describe("a cause", () => {
  it.effect("keeps all its reasons, in their order", () =>
    Effect.gen(function* () {
      const cause = Cause.fromReasons<string>([
        Cause.makeFailReason("first"),
        Cause.makeDieReason(new TypeError("second")),
        Cause.makeDieReason(null),
        Cause.makeInterruptReason()
      ])
      for (const exit of yield* outcomes(Mirror, Exit.failCause(cause))) {
        const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
        expect(reasons.map((reason) => reason._tag)).toEqual(["Fail", "Die", "Die", "Interrupt"])
        expect(reasons[1]).toMatchObject({ defect: new TypeError("second") })
        expect(reasons[2]).toMatchObject({ defect: null })
      }
    })
  )
})

it("the codec of a task is made once", () => {
  expect(codecOf(Mirror)).toBe(codecOf(Mirror))
})
