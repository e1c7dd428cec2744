import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import type { PipelineStats, RunStats } from "../src/Pipeline.ts"
import type { InvalidOption, PoolStats } from "../src/Pool.ts"
import * as Progress from "../src/Progress.ts"

declare const changes: Stream.Stream<PipelineStats, "broken", "needed">
declare const stats: PipelineStats

expectTypeOf(Progress.draw(changes, { total: 7 })).toEqualTypeOf<
  Effect.Effect<void, "broken" | InvalidOption, "needed">
>()
expectTypeOf(Progress.show()).toEqualTypeOf<(run: RunStats) => Effect.Effect<void, InvalidOption>>()
expectTypeOf(Progress.render(stats, { columns: 80 })).toEqualTypeOf<ReadonlyArray<string>>()
expectTypeOf(process.stderr).toExtend<Progress.TerminalStream>()

declare const pool: Effect.Effect<PoolStats>
expectTypeOf(Progress.ofPools({ pool })).toEqualTypeOf<Stream.Stream<PipelineStats, InvalidOption>>()

// @ts-expect-error how wide it is must be said
Progress.render(stats, { color: true })
