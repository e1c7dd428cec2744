import type * as Effect from "effect/Effect"
import type * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"
import * as DeadLetter from "../src/DeadLetter.ts"
import type { StageTimeout } from "../src/Pipeline.ts"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { page: Schema.String }) {}

type Opened<A, E> = Effect.Effect<DeadLetter.DeadLetter<A, E>, DeadLetter.DeadLetterFailed, Scope.Scope>

// Without schemas it takes anything, and refuses what is no JSON when it comes.
expectTypeOf(DeadLetter.file("letters")).toEqualTypeOf<Opened<unknown, unknown>>()
expectTypeOf(DeadLetter.file("letters", { durable: true })).toEqualTypeOf<Opened<unknown, unknown>>()
expectTypeOf(DeadLetter.file("letters", { input: Schema.Date })).toEqualTypeOf<Opened<Date, unknown>>()
expectTypeOf(DeadLetter.file("letters", { error: NotFound })).toEqualTypeOf<Opened<unknown, NotFound | StageTimeout>>()

const schema = DeadLetter.schema({ input: Schema.Date, error: NotFound })
expectTypeOf<typeof schema.Type.input>().toEqualTypeOf<Date>()
expectTypeOf<typeof schema.Type.error>().toEqualTypeOf<NotFound | StageTimeout>()
expectTypeOf<typeof schema.Type.index>().toEqualTypeOf<number>()
const plain = DeadLetter.schema()
expectTypeOf<typeof plain.Type.input>().toEqualTypeOf<Schema.Json>()
expectTypeOf<typeof plain.Type.error>().toEqualTypeOf<typeof DeadLetter.ErrorSummary.Type | StageTimeout>()

declare const queue: Queue.Queue<DeadLetter.Letter<Date, NotFound>>
expectTypeOf(DeadLetter.queue(queue)).toEqualTypeOf<DeadLetter.DeadLetter<Date, NotFound>>()

// A sink of more takes less.
declare const any: DeadLetter.DeadLetter<unknown, unknown>
expectTypeOf(any).toExtend<DeadLetter.DeadLetter<Date, NotFound>>()

declare const dates: DeadLetter.DeadLetter<Date, unknown>
// @ts-expect-error a sink of dates takes no strings
const strings: DeadLetter.DeadLetter<string, unknown> = dates
void strings
