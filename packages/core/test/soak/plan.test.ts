/** The plan of a soak: a function of its seed, with every fault in it. */
import { describe, expect, it } from "vitest"
import { growthOf } from "../../soak/heap.ts"
import { kindNames } from "../../soak/kinds.ts"
import { excess } from "../../soak/leaks.ts"
import { type Episode, episodeOf, type Place } from "../../soak/Plan.ts"

const both: ReadonlyArray<Place> = ["thread", "process"]
const episodes = (seed: number, count: number, places = both): Array<Episode> =>
  Array.from({ length: count }, (_, number) => episodeOf(seed, number, places, 300))

describe("a plan", () => {
  it("is the same for the same seed, whichever episode is asked for first", () => {
    expect(episodes(3, 4)).toEqual(episodes(3, 4))
    expect(episodeOf(3, 3, both, 300)).toEqual(episodes(3, 4)[3])
    expect(episodes(4, 4)).not.toEqual(episodes(3, 4))
  })

  it("has every kind of task, of leave, of end and of strike, at both places", () => {
    const all = episodes(1, 40)
    const calls = all.flatMap((episode) => episode.calls)
    const distinct = (values: ReadonlyArray<string>) => [...new Set(values)].sort()
    expect(distinct(calls.map(({ kind }) => kind))).toEqual([...kindNames].sort())
    expect(distinct(calls.map(({ leave }) => leave.kind))).toEqual(["before", "interrupt", "stay", "timeout"])
    expect(distinct(all.flatMap(({ strikes }) => strikes.map(({ kind }) => kind)))).toEqual(["kill", "resize", "stop"])
    expect(distinct(all.map(({ end }) => end.kind))).toEqual(["drain", "idle", "inFlight"])
    expect(distinct(all.map(({ place }) => place))).toEqual(["process", "thread"])
    expect(distinct(all.map(({ weather }) => weather))).toEqual(["flood", "storm"])
    expect(distinct(all.map(({ audited }) => String(audited)))).toEqual(["false", "true"])
  })

  it("keeps to the place that was asked for", () => {
    expect(episodes(1, 20, ["thread"]).every(({ place }) => place === "thread")).toBe(true)
  })

  it("gives every call a token of its own", () => {
    const tokens = episodes(1, 40).flatMap(({ calls }) => calls.map(({ token }) => token))
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it("signals no threads, and fills no heap that has no limit", () => {
    for (const { calls, heapLimit, place, strikes } of episodes(2, 60)) {
      if (place === "thread") expect(strikes.filter(({ kind }) => kind !== "resize")).toEqual([])
      if (heapLimit === undefined) expect(calls.some(({ kind }) => kind === "fillHeap")).toBe(false)
    }
  })

  it("leaves no call that never answers without somebody who ends it", () => {
    const endless = episodes(2, 60)
      .flatMap(({ calls }) => calls)
      .filter(({ kind }) => kind === "wait" || kind === "resist" || kind === "spin")
    expect(endless.length).toBeGreaterThan(100)
    expect(endless.filter(({ leave }) => leave.kind === "stay")).toEqual([])
  })
})

describe("the heap", () => {
  const row = (heapAt: (episode: number) => number) => Array.from({ length: 30 }, (_, episode) => heapAt(episode))

  it("grows when every pool leaves something behind, through all noise", () => {
    expect(growthOf(row((episode) => 20 + episode * 0.2 + (episode % 3)))).toMatchObject({ grows: true })
  })

  it("does not grow while it warms up, for one outlier, or in a few pools", () => {
    expect(growthOf(row((episode) => 30 - 10 / (episode + 1))).grows).toBe(false)
    expect(growthOf(row((episode) => (episode === 20 ? 90 : 20 + (episode % 3)))).grows).toBe(false)
    expect(growthOf([20, 25, 30]).grows).toBe(false)
    expect(growthOf([]).grows).toBe(false)
  })
})

describe("what is left behind", () => {
  it("is what there is more of", () => {
    const before = new Map([
      ["a", 1],
      ["b", 2]
    ])
    const after = new Map([
      ["a", 2],
      ["b", 1],
      ["c", 1]
    ])
    expect(excess(before, after)).toEqual(["2 a, 1 before", "1 c, 0 before"])
    expect(excess(before, before)).toEqual([])
  })
})
