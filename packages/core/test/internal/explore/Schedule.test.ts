import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { format, parse, ScheduleInvalid } from "../../../src/internal/explore/Schedule.ts"

describe("schedules as text", () => {
  it("are short, and need no quotes in a shell", () => {
    expect(format([])).toBe("x1")
    expect(format([0, 1, 1, 1, 0])).toBe("x1-0-1.3-0")
    expect(format([35, 36, ...new Array<number>(40).fill(2)])).toBe("x1-z-10-2.14")
  })

  it.prop("are read as they were written", [Schema.Array(Schema.Int)], ([numbers]) => {
    const schedule = numbers.map((number) => Math.abs(number % 50))
    expect(parse(format(schedule))).toEqual(Result.succeed(schedule))
  })

  it("may have space around them", () => {
    expect(parse(" x1-0-1.3\n")).toEqual(Result.succeed([0, 1, 1, 1]))
  })

  it.each([
    ["", "does not begin"],
    ["x2-0", "does not begin"],
    ["0-1", "does not begin"],
    ["x1-", 'has ""'],
    ["x1-0--1", 'has ""'],
    ["x1-A", 'has "A"'],
    ["x1-0.", 'has "0."'],
    ["x1-0.1.1", 'has "0.1.1"'],
    ["x1-0.0", "counts to zero"],
    ["x1-0.zzzzzz", "more than 1000000"],
    ["x1-zzzzzzz", 'has "zzzzzzz"']
  ])("refuses %j", (text, reason) => {
    const parsed = parse(text)
    const failure = Result.isFailure(parsed) ? parsed.failure : undefined
    expect(failure).toBeInstanceOf(ScheduleInvalid)
    expect(failure).toMatchObject({ _tag: "ScheduleInvalid", text, reason: expect.stringContaining(reason) })
    expect(failure!.message).toContain("is not a schedule")
  })

  it.prop("never throws, whatever it is given", [Schema.String, Schema.Boolean], ([text, prefixed]) => {
    const parsed = parse(prefixed ? `x1-${text}` : text)
    if (Result.isSuccess(parsed)) expect(parse(format(parsed.success))).toEqual(parsed)
  })
})
