import { availableParallelism } from "node:os"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { defaultCoolDown, defaultSchedule } from "../../../src/internal/dispatch/RestartPolicy.ts"
import { type PoolOptions, settingsOf, workerUrl } from "../../../src/internal/dispatch/settings.ts"
import { InvalidOption } from "../../../src/internal/errors.ts"

const refused = (options: PoolOptions) => Effect.flip(settingsOf(options))

it.effect("the defaults: all cores, one task a worker, a second of grace", () =>
  Effect.gen(function* () {
    const { logs, ...defaults } = yield* settingsOf({})
    expect(logs?.level).toBe("Info")
    expect(defaults).toEqual({
      size: { min: availableParallelism(), max: availableParallelism() },
      concurrency: 1,
      grace: 1000,
      startTimeout: 30_000,
      validate: false,
      idleTime: 30_000,
      restart: { schedule: defaultSchedule, coolDown: defaultCoolDown },
      mostTasks: Number.POSITIVE_INFINITY,
      recycle: { age: Number.POSITIVE_INFINITY },
      memory: { recycleAbove: Number.POSITIVE_INFINITY, killAbove: Number.POSITIVE_INFINITY, interval: 1000 },
      setup: undefined,
      carry: [],
      timed: false,
      capacity: Number.POSITIVE_INFINITY,
      overflow: "suspend"
    })
    expect(yield* settingsOf({ size: undefined, grace: undefined, logs: "worker" })).toEqual({
      ...defaults,
      logs: undefined
    })
  })
)

describe("L12: a count that makes no sense is refused, and named", () => {
  for (const option of ["size", "concurrency"] as const) {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      it.effect(`${option}: ${value}`, () =>
        Effect.gen(function* () {
          const failed = yield* refused({ [option]: value })
          expect(failed).toBeInstanceOf(InvalidOption)
          expect(failed.option).toBe(option)
          expect(failed.message).toContain(String(value))
        })
      )
    }
  }
})

describe("L12: a size, or a limit, that makes no sense is refused, and named", () => {
  for (const [options, option] of [
    [{ size: { min: -1, max: 1 } }, "size.min"],
    [{ size: { min: 0, max: 0 } }, "size.max"],
    [{ size: { min: 3, max: 2 } }, "size"],
    [{ size: { min: 1.5, max: 2 } }, "size.min"],
    [{ size: { min: 1 } }, "size.max"],
    [{ size: null }, "size"],
    [{ recycle: { tasks: 0 } }, "recycle.tasks"],
    [{ recycle: { memory: -1 } }, "recycle.memory"],
    [{ recycle: { age: "never" } }, "recycle.age"],
    [{ memoryLimit: 1 }, "memoryLimit"],
    [{ idleTime: -1 }, "idleTime"]
  ] as ReadonlyArray<[unknown, string]>) {
    it.effect(JSON.stringify(options), () =>
      Effect.gen(function* () {
        expect(yield* refused(options as PoolOptions)).toMatchObject({ _tag: "InvalidOption", option })
      })
    )
  }
})

describe("a duration that makes no sense is refused, and named", () => {
  for (const option of ["grace", "startTimeout"] as const) {
    for (const value of [
      -1,
      "-1 second",
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      "not a duration",
      ""
    ] as ReadonlyArray<any>) {
      it.effect(`L3: ${option}: "${value}"`, () =>
        Effect.gen(function* () {
          const failed = yield* refused({ [option]: value })
          expect(failed).toBeInstanceOf(InvalidOption)
          expect(failed.option).toBe(option)
          expect(failed.message).toContain(String(value))
        })
      )
    }
  }
})

it.effect("a duration may be nothing, a fraction, or longer than a timer can count", () =>
  Effect.gen(function* () {
    const graceOf = (grace: PoolOptions["grace"]) => Effect.map(settingsOf({ grace }), (settings) => settings.grace)
    expect(yield* graceOf(0)).toBe(0)
    expect(yield* graceOf(1.5)).toBe(1.5)
    expect(yield* graceOf("2 seconds")).toBe(2000)
    expect(yield* graceOf(Number.POSITIVE_INFINITY)).toBe(2 ** 31 - 1)
    expect(yield* graceOf("30 days")).toBe(2 ** 31 - 1)
  })
)

describe("a worker that is no URL is refused, and named", () => {
  for (const [kind, option] of [
    ["group", "worker"],
    ["module", "url"]
  ] as const) {
    for (const value of ["./worker.js", undefined, null, {}] as ReadonlyArray<any>) {
      it.effect(`${option}: ${value}`, () =>
        Effect.gen(function* () {
          const failed = yield* Effect.flip(workerUrl(kind, value))
          expect(failed).toBeInstanceOf(InvalidOption)
          expect(failed.option).toBe(option)
          expect(failed.message).toContain(`, not ${value}`)
        })
      )
    }
  }

  it.effect("a URL is taken as it is", () =>
    Effect.gen(function* () {
      const worker = new URL("./worker.js", import.meta.url)
      expect(yield* workerUrl("group", worker)).toBe(worker)
    })
  )
})
