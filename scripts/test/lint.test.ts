/** The lint rules that the project leans on do report what they are there for: each is given a file that breaks it. */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
const biome = join(root, "node_modules/@biomejs/biome/bin/biome")

const effect: { readonly exports: Record<string, string | null> } = JSON.parse(
  readFileSync(join(root, "packages/core/node_modules/effect/package.json"), "utf8")
)
const barrelsOfEffect = Object.entries(effect.exports)
  .filter(([, target]) => target?.endsWith("/index.js"))
  .map(([path]) => path.replace(/^\./, "effect"))

interface Case {
  readonly name: string
  readonly code: string
  /** The rule that must report the code; nothing may be reported without it. */
  readonly rule?: string
  readonly folder?: string
}

const importOf = (path: string) => `import * as X from "${path}"\nexport const y = X\n`
const testCalling = (call: string) => `import { it } from "@effect/vitest"\n${call}("x", () => {})\n`
const asTest = { folder: "packages/core/test" }

const cases: ReadonlyArray<Case> = [
  ...[...barrelsOfEffect, "@effect/platform-node", "@ropewalk/core"].map((path) => ({
    name: `${path} is a barrel`,
    code: importOf(path),
    rule: "noRestrictedImports"
  })),
  ...["effect/Effect", "effect/rpc/Rpc", "effect/testing/TestClock", "@effect/platform-node/NodeRuntime"].map(
    (path) => ({ name: `${path} is a module`, code: importOf(path) })
  ),
  {
    name: "another package by path",
    folder: "packages/cli/src",
    code: importOf("../../core/src/Pool.ts"),
    rule: "noRestrictedImports"
  },
  { name: "a package that is not a dependency", code: importOf("lodash"), rule: "noUndeclaredDependencies" },
  { name: "a Node module without node:", code: importOf("fs"), rule: "useNodejsImportProtocol" },
  { name: "an unused import", code: 'import { x } from "./x.ts"\n', rule: "noUnusedImports" },
  {
    name: "a type without import type",
    code: 'import { X } from "./x.ts"\nexport type Y = X\n',
    rule: "useImportType"
  },
  { name: "a barrel file", code: 'export * from "./x.ts"\n', rule: "noReExportAll" },
  {
    name: "a promise nobody awaits",
    code: "const f = async () => 1\nexport const g = () => {\n  f()\n}\n",
    rule: "noFloatingPromises"
  },
  {
    name: "a parameter property",
    code: "export class A {\n  constructor(readonly x: number) {}\n}\n",
    rule: "noParameterProperties"
  },
  { name: "an enum", code: "export enum A {\n  B\n}\n", rule: "noEnum" },
  { name: "a namespace", code: "export namespace A {\n  export const b = 1\n}\n", rule: "noNamespace" },
  { name: "a default export", code: "export default 1\n", rule: "noDefaultExport" },
  { name: "a thrown string", code: 'export const f = () => {\n  throw "x"\n}\n', rule: "useThrowOnlyError" },
  { name: "a silenced type error", code: "// @ts-ignore\nexport const a: number = 1\n", rule: "noTsIgnore" },
  { name: "a loose equality", code: "export const f = (a: number, b: number) => a == b\n", rule: "noDoubleEquals" },
  { name: "a file of 400 lines", code: "export const f = () => 1\n".repeat(400), rule: "noExcessiveLinesPerFile" },
  { name: "it.effect", ...asTest, code: testCalling("it.effect") },
  { name: "it.only", ...asTest, code: testCalling("it.only"), rule: "noFocusedTests" },
  { name: "it.effect.only", ...asTest, code: testCalling("it.effect.only"), rule: "plugin" },
  { name: "it.skip", ...asTest, code: testCalling("it.skip"), rule: "noSkippedTests" },
  { name: "it.effect.skip", ...asTest, code: testCalling("it.effect.skip"), rule: "plugin" }
]

const pathOf = (each: Case, index: number) =>
  `${each.folder ?? "packages/core/src"}/case-${index}${each.folder === asTest.folder ? ".test" : ""}.ts`

const folder = mkdtempSync(join(tmpdir(), "ropewalk-lint-"))
const reported = new Map<string, Array<string>>()

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

beforeAll(() => {
  const configuration = [
    "biome.json",
    "scripts/lint/no-skipped-effect-tests.grit",
    ".gitignore",
    "package.json",
    "packages/core/package.json",
    "packages/cli/package.json"
  ]
  for (const path of configuration) {
    write(path, "")
    copyFileSync(join(root, path), join(folder, path))
  }
  for (const [index, each] of cases.entries()) write(pathOf(each, index), each.code)
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."],
    {
      cwd: folder,
      encoding: "utf8"
    }
  )
  if (stdout === "") throw new Error(stderr)
  const report: { diagnostics: ReadonlyArray<{ category: string; location: { path: string } }> } = JSON.parse(stdout)
  for (const { category, location } of report.diagnostics) {
    const rules = reported.get(location.path) ?? []
    reported.set(location.path, [...rules, category.split("/").at(-1) ?? category])
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each(cases.map((each, index) => ({ ...each, path: pathOf(each, index) })))("$name", ({ path, rule }) => {
  const rules = reported.get(path) ?? []
  if (rule === undefined) expect(rules).toEqual([])
  else expect(rules).toContain(rule)
})
