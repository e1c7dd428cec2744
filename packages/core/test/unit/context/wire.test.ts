/** What a worker says that it has logged is believed only as far as a logger can bear it. */
import { describe, expect, it } from "@effect/vitest"
import { toWireError } from "../../../src/internal/codec/wireError.ts"
import { isLogEntry, type LogEntry } from "../../../src/internal/context/wire.ts"
import { isFromWorker } from "../../../src/internal/transport/fromWorker.ts"

const entry: LogEntry = {
  level: "Info",
  time: 1,
  message: [toWireError("text"), toWireError(new Error("x", { cause: new AggregateError([1, new Error("y")], "z") }))],
  cause: [
    { kind: "die", defect: toWireError(null) },
    { kind: "interrupt" },
    { kind: "fail", error: toWireError(1), origin: undefined }
  ],
  annotations: { a: toWireError(1) },
  spans: [["s", 5]],
  task: undefined
}

describe("an entry of a log", () => {
  it("that a worker would send is taken", () => {
    expect(isLogEntry(entry)).toBe(true)
    expect(isFromWorker({ kind: "log", id: -1, entry: { ...entry, task: "Add" } })).toBe(true)
  })

  it.each([
    ["no object", null],
    ["a level that is none", { ...entry, level: "Loud" }],
    ["a level that says nothing is logged", { ...entry, level: "None" }],
    ["a time that no date can hold", { ...entry, time: 1e16 }],
    ["no time", { ...entry, time: Number.NaN }],
    ["a text for a list", { ...entry, message: "text" }],
    ["a value that is not wrapped", { ...entry, message: ["text"] }],
    ["an error that lacks its fields", { ...entry, message: [{ kind: "error", name: "E", message: "m" }] }],
    ["an error whose stack is none", { ...entry, message: [{ ...toWireError(new Error("x")), stack: 1 }] }],
    ["an error whose cause is none", { ...entry, message: [{ ...toWireError(new Error("x")), cause: 1 }] }],
    ["errors of an aggregate that are none", { ...entry, message: [{ ...toWireError(new Error("x")), errors: [1] }] }],
    ["a reason of no kind", { ...entry, cause: [{ kind: "odd" }] }],
    ["a reason without its defect", { ...entry, cause: [{ kind: "die" }] }],
    ["a reason that is nothing", { ...entry, cause: [undefined] }],
    ["annotations that are not wrapped", { ...entry, annotations: { a: 1 } }],
    ["no annotations", { ...entry, annotations: undefined }],
    ["a span without a time", { ...entry, spans: [["s"]] }],
    ["a task that has no name", { ...entry, task: 7 }]
  ])("with %s is refused", (_, broken) => {
    expect(isLogEntry(broken)).toBe(false)
    expect(isFromWorker({ kind: "log", id: 1, entry: broken })).toBe(false)
  })
})

describe("the times of a task", () => {
  const settled = { kind: "settled", id: 1, exit: { kind: "success", value: 1 } }

  it("are numbers, or left out", () => {
    expect(isFromWorker(settled)).toBe(true)
    expect(isFromWorker({ ...settled, times: { at: 1, millis: 0.5 } })).toBe(true)
    expect(isFromWorker({ kind: "started", id: 1, at: 7.5 })).toBe(true)
    for (const times of [null, 7, {}, { at: 1 }, { at: Number.NaN, millis: 1 }, { at: 1, millis: "1" }]) {
      expect(isFromWorker({ ...settled, times })).toBe(false)
    }
    expect(isFromWorker({ kind: "started", id: 1 })).toBe(false)
    expect(isFromWorker({ kind: "started", id: 1, at: Number.POSITIVE_INFINITY })).toBe(false)
  })
})
