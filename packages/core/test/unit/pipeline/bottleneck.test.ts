import { describe, expect, it } from "@effect/vitest"
import { bottleneckOf } from "../../../src/internal/pipeline/bottleneck.ts"
import type { StageStats } from "../../../src/internal/pipeline/stats.ts"

/** Stages in a row, each with how busy it is and how much waits behind it. */
const chain = (...stages: ReadonlyArray<readonly [recent: number, queued: number]>): string | undefined => {
  const stats = stages.map(
    ([recent, queued], id): StageStats => ({
      ...{ id, name: `s${id}`, kind: "map", concurrency: 1, in: 0, out: 0, failed: 0, retried: 0, skipped: 0 },
      ...{ inFlight: 0, queued, p50: 0, p99: 0, busy: 0, utilisation: 0, recent, isDone: false }
    })
  )
  const edges = stages.slice(1).map((_, id) => ({ from: id, to: id + 1, label: undefined }))
  return bottleneckOf(stats, edges)?.name
}

describe("the bottleneck", () => {
  it("is the stage that is always at work, between those that are blocked and those that starve", () =>
    expect(chain([0.3, 8], [1, 0], [0.2, 0])).toBe("s1"))

  it("may be the source, or the last", () => {
    expect(chain([1, 0], [0.2, 0])).toBe("s0")
    expect(chain([0.1, 8], [0.3, 8], [0.9, 0])).toBe("s2")
  })

  it("is nobody when nobody works for half of the time: the consumer is slow, or nothing comes", () => {
    expect(chain([0.3, 8], [0.49, 8])).toBe(undefined)
    expect(chain([0, 0])).toBe(undefined)
    expect(chain()).toBe(undefined)
  })

  it("is, of two that are as good as equally busy, the one with the longer queue before it", () => {
    expect(chain([0.1, 1], [1, 7], [0.97, 0])).toBe("s2")
    expect(chain([0.1, 7], [0.97, 1], [1, 0])).toBe("s1")
  })

  it("is the first of equals", () => expect(chain([1, 0], [0.99, 0], [1, 0])).toBe("s0"))

  it("is not a stage with a long queue that is clearly less busy", () => expect(chain([1, 100], [0.9, 0])).toBe("s0"))
})
