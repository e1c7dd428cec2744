import * as Pipe from "@ropewalk/core/Pipe"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expectTypeOf } from "vitest"

const made = Pipe.make({ send: Schema.String, receive: Schema.Number })

// The two endpoints are mirror images.
expectTypeOf<Effect.Success<typeof made>>().toEqualTypeOf<
  readonly [Pipe.Endpoint<string, number>, Pipe.Endpoint<number, string>]
>()

declare const there: Pipe.Endpoint<number, string>

// @ts-expect-error this side sends numbers
there.send("word")

// An endpoint travels by the schema of its own side, not of the other.
const Theirs = Pipe.schema({ send: Schema.Number, receive: Schema.String })
const Ours = Pipe.schema({ send: Schema.String, receive: Schema.Number })
Schema.encodeEffect(Theirs)(there)
// @ts-expect-error that is the other side
Schema.encodeEffect(Ours)(there)
