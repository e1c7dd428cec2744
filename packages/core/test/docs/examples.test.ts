/**
 * Every ` ```ts ` fence of this package's doc comments and of the Markdown documents is type-checked as strictly as the
 * sources and runs as a program of its own. See `fences.ts` for what a fence may say.
 *
 * The programs lie in `.examples/` (ignored by git), a folder a document, so that they import `@ropewalk/core/…` as a reader
 * would: through the package's own exports.
 */
import { execFile } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { type Fence, fencesOf } from "./fences.ts"

const core = join(import.meta.dirname, "../..")
const workspace = join(core, "../..")
const out = join(core, ".examples")

const documents = [
  ...globSync("packages/core/src/**/*.ts", { cwd: workspace }),
  ...globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: workspace })
].sort()

const folderOf = (document: string) => document.replace(/^packages\/core\/src\//, "").replaceAll(/[/\\]/g, "__")
const pathOf = (fence: Fence) => join(out, folderOf(fence.document), fence.file)

const fences = documents.flatMap((document) => fencesOf(document, readFileSync(join(workspace, document), "utf8")))

const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Runs a program of Node's and fails with all that it printed. Paths in `.examples/` become the documents'. */
const run = async (args: ReadonlyArray<string>, timeout: number): Promise<void> => {
  const failure = await promisify(execFile)(process.execPath, args, { cwd: out, timeout, killSignal: "SIGKILL" }).then(
    () => undefined,
    (error: { message: string; stdout: string; killed: boolean }) =>
      `${error.killed ? `still running after ${timeout} ms\n` : ""}${error.stdout}${error.message}`
  )
  if (failure === undefined) return
  const readable = fences.reduce(
    (text, fence) =>
      text
        .replaceAll(pathOf(fence), fence.document)
        .replaceAll(relative(out, pathOf(fence)).replaceAll("\\", "/"), fence.document),
    failure
  )
  expect.fail(readable)
}

rmSync(out, { recursive: true, force: true })
for (const fence of fences) write(pathOf(fence), fence.code)
const tsconfig = {
  extends: "../../../tsconfig.base.json",
  compilerOptions: { noEmit: true, allowImportingTsExtensions: true },
  include: ["**/*.ts"]
}
write(join(out, "tsconfig.json"), JSON.stringify(tsconfig))

describe("examples of the docs", { concurrent: true }, () => {
  it("type-check, all of them", async () => {
    await run([join(workspace, "node_modules/typescript/bin/tsc"), "-p", join(out, "tsconfig.json")], 60_000)
  })

  for (const fence of fences.filter((each) => each.run)) {
    it(`${fence.document}:${fence.line} runs`, () => run([pathOf(fence)], 20_000))
  }
})
