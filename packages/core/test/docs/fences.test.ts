import { describe, expect, it } from "vitest"
import { fencesOf } from "./fences.ts"

const source = (...lines: ReadonlyArray<string>) =>
  ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n")

describe("fencesOf", () => {
  it("finds a fence of a doc comment and keeps the line numbers of its document", () => {
    const [fence, ...others] = fencesOf("A.ts", source("Adds.", "```ts", "const a = {", "  b: 1", "}", "```"))
    expect(others).toEqual([])
    expect(fence).toMatchObject({ document: "A.ts", line: 3, file: "line-3.ts", run: true })
    expect(fence?.code.split("\n").slice(3)).toEqual(["const a = {", "  b: 1", "}", ""])
  })

  it("keeps a blank line inside a fence blank", () => {
    const [fence] = fencesOf("A.ts", source("```ts", "a", "", "b", "```"))
    expect(fence?.code).toBe("\n\na\n\nb\n")
  })

  it("finds fences of Markdown, and only those in TypeScript", () => {
    const text = ["```sh", "npm start", "```", "```ts", "run()", "```", "```typescript", "no", "```"].join("\n")
    expect(fencesOf("A.md", text).map((fence) => fence.line)).toEqual([4])
  })

  it("takes a fence in a template string of a source file for what it is: a string", () => {
    expect(fencesOf("A.ts", "const text = `\n```ts\nno\n```\n`")).toEqual([])
  })

  it("names a file, and neither runs it nor a fragment", () => {
    const fences = fencesOf(
      "A.ts",
      source("```ts file=worker.ts", "w", "```", "```ts type-only", "f", "```", "```ts", "m", "```")
    )
    expect(fences.map(({ file, run }) => ({ file, run }))).toEqual([
      { file: "worker.ts", run: false },
      { file: "line-5.ts", run: false },
      { file: "line-8.ts", run: true }
    ])
  })

  it.each([
    ["an unknown word", source("```ts no-run", "```"), 'A.ts:2: a fence may say "type-only" or "file=…", not "no-run"'],
    ["a fence never closed", source("```ts", "a"), "A.ts:2: this fence is never closed"],
    [
      "two files of one name",
      source("```ts file=a.ts", "```", "```ts file=a.ts", "```"),
      "A.ts:4: a second a.ts in this document"
    ]
  ])("rejects %s", (_, text, message) => {
    expect(() => fencesOf("A.ts", text)).toThrow(message)
  })
})
