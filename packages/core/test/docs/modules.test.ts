/** Every public module opens with a doc comment, and the package's index names every one of them. */
import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"

const src = join(import.meta.dirname, "../../src")
const isPublic = (path: string) => !path.startsWith("internal") && basename(path) !== "index.ts"
const modules = globSync("**/*.ts", { cwd: src }).filter(isPublic)
const read = (path: string) => readFileSync(join(src, path), "utf8")

describe.each(modules)("%s", (path) => {
  it("opens with a doc comment", () => {
    expect(read(path).startsWith("/**"), `${path} must open with what it is, when to use it, its lineage`).toBe(true)
  })

  it("says of each export since when it is there", () => {
    const exports = read(path).matchAll(
      /(?<doc>\/\*\*(?:(?!\*\/).)*\*\/\n)?^export (?:const|class|interface|type) (?<name>\w+)/gms
    )
    const without = Array.from(exports, ({ groups }) => groups).filter((groups) => !groups?.["doc"]?.includes("@since"))
    expect(without.map((groups) => groups?.["name"])).toEqual([])
  })
})

// What is for tests is imported by its path, and is not in the index.
it.each(modules.filter((path) => !path.startsWith("testing/")))("%s is in the index", (path) => {
  expect(read("index.ts")).toContain(`export * as ${basename(path, ".ts")} from "./${path}"`)
})

it("a public module has a PascalCase name, as in Effect", () => {
  expect(modules.map((path) => basename(path)).filter((name) => !/^[A-Z][A-Za-z]*\.ts$/.test(name))).toEqual([])
})
