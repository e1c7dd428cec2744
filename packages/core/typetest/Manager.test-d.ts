import * as Manager from "@ropewalk/core/Manager"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { expectTypeOf } from "vitest"

class Shared extends Manager.define({
  total: Manager.value(Schema.Number, 0),
  name: Manager.value(Schema.String, ""),
  matrix: Manager.value(Schema.mutable(Schema.Array(Schema.mutable(Schema.Array(Schema.Number)))), []),
  moment: Manager.value(Schema.Date, new Date(0)),
  bytes: Manager.value(Schema.Uint8Array, new Uint8Array(1)),
  people: Manager.dictionary(Schema.String, Schema.Struct({ tags: Schema.mutable(Schema.Array(Schema.String)) })),
  rows: Manager.list(Schema.mutable(Schema.Array(Schema.Number))),
  settings: Manager.namespace({ host: Schema.String, port: Schema.Int }, { host: "", port: 0 }),
  guard: Manager.lock
}) {}

declare const shared: Manager.ProxiesOf<(typeof Shared)["entries"]>

expectTypeOf(shared.total.add(1)).toEqualTypeOf<Effect.Effect<number, Manager.EncodeFailed | Manager.ManagerError>>()
// @ts-expect-error only a number can be added to
shared.name.add(1)

// A change inside of what a proxy hands out would be lost in silence: it does not compile.
Effect.gen(function* () {
  const matrix = yield* shared.matrix.get
  // @ts-expect-error a nested array
  matrix[0]![0] = 1
  // @ts-expect-error
  matrix.push([1])
  const row = (yield* shared.rows.toArray)[0]!
  // @ts-expect-error
  row.push(1)
  const person = yield* Effect.fromOption(yield* shared.people.get("a"))
  // @ts-expect-error
  person.tags.push("x")
  const moment = yield* shared.moment.get
  // @ts-expect-error
  moment.setTime(0)
  const bytes = yield* shared.bytes.get
  // @ts-expect-error
  bytes[0] = 1
  // @ts-expect-error
  bytes.fill(0)
  // Reading is as ever, and what was read can be written back.
  expectTypeOf(moment.getTime()).toEqualTypeOf<number>()
  expectTypeOf(bytes[0]!).toEqualTypeOf<number>()
  yield* shared.matrix.set(matrix)
  yield* shared.people.update("a", () => person)
})

// An update gets the same read-only view.
shared.rows.update(0, (row) => {
  // @ts-expect-error
  row.push(1)
  return row
})

expectTypeOf(shared.people.get("a")).toExtend<
  Effect.Effect<Option.Option<{ readonly tags: ReadonlyArray<string> }>, Manager.EncodeFailed | Manager.ManagerError>
>()

// @ts-expect-error keys have a type
shared.people.get(1)
// @ts-expect-error the field does not exist
shared.settings.get("hots")
// @ts-expect-error the field holds a number
shared.settings.set("port", "80")
expectTypeOf(shared.settings.get("port")).toEqualTypeOf<Effect.Effect<number, Manager.ManagerError>>()
// @ts-expect-error every field of a namespace has a value from the start
Manager.namespace({ host: Schema.String, port: Schema.Int }, { host: "" })

expectTypeOf(shared.guard.release).toEqualTypeOf<Effect.Effect<void, Manager.NotOwner | Manager.ManagerError>>()
