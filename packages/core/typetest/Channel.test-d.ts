import * as Channel from "@ropewalk/core/Channel"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"

declare const local: Channel.Channel<number>
declare const served: Channel.Served<number>

// A channel of this thread fails in no other way than a channel does.
expectTypeOf(local.take).toEqualTypeOf<Effect.Effect<number, Channel.ChannelClosed | Channel.ChannelAbandoned>>()
expectTypeOf(local.tryPut(1)).toEqualTypeOf<
  Effect.Effect<void, Channel.ChannelFull | Channel.ChannelClosed | Channel.ChannelAbandoned>
>()
expectTypeOf(local.stream).toEqualTypeOf<Stream.Stream<number, Channel.ChannelAbandoned>>()

// A served one adds what can go wrong on the way.
expectTypeOf(served.take).toEqualTypeOf<
  Effect.Effect<number, Channel.ChannelClosed | Channel.ChannelAbandoned | Channel.ServedError>
>()

// What a handler sees accepts both, so that a task runs on a fiber with a channel of its own thread.
expectTypeOf(local).toExtend<Channel.Served<number>>()
expectTypeOf(served).not.toExtend<Channel.Channel<number>>()

// @ts-expect-error the item has another type
local.put("one")

expectTypeOf(Channel.schema(Schema.String).Type).toEqualTypeOf<Channel.Served<string>>()
