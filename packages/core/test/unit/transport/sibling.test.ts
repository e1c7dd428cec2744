import { describe, expect, it } from "vitest"
import { sibling } from "../../../src/internal/transport/sibling.ts"

describe("the entry of a worker has the extension of the file that names it", () => {
  it.each([
    ["file:///app/src/internal/transport/x.ts", "file:///app/src/internal/worker/main.ts"],
    ["file:///app/dist/internal/transport/x.js", "file:///app/dist/internal/worker/main.js"],
    ["file:///with%20space/transport/x.ts", "file:///with%20space/worker/main.ts"]
  ])("%s", (from, to) => {
    expect(sibling(from, "../worker/main").href).toBe(to)
  })
})
