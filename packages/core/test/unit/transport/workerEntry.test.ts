import { describe, expect, it } from "vitest"
import { workerEntry } from "../../../src/internal/transport/workerEntry.ts"

describe("sources start sources, and built files the bundled entry", () => {
  it.each([
    ["file:///app/src/internal/transport/x.ts", "file:///app/src/internal/worker/main.ts"],
    ["file:///app/dist/internal/transport/x.js", "file:///app/dist/internal/worker/main.cjs"],
    ["file:///app/dist/internal/worker/other.cjs", "file:///app/dist/internal/worker/main.cjs"],
    ["file:///with%20space/transport/x.ts", "file:///with%20space/worker/main.ts"]
  ])("%s", (from, to) => {
    expect(workerEntry(from, "../worker/main").href).toBe(to)
  })
})
