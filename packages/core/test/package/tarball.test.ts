/**
 * What a user gets: the packed package in a project that has nothing else.
 *
 * The project is laid out as npm would lay it out, without a download: the tarball is unpacked into `node_modules`, and
 * exactly the packages that its own `package.json` asks for are linked beside it from the workspace. An import of
 * anything else fails here as it would there.
 */
import { execFile } from "node:child_process"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const core = join(import.meta.dirname, "../..")
const workspace = join(core, "../..")

const project = realpathSync(mkdtempSync(join(tmpdir(), "ropewalk-project-")))
const installed = join(project, "node_modules/@ropewalk/core")

interface Manifest {
  readonly exports: Record<string, unknown>
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}
let manifest: Manifest

/** Runs a program in the project and answers what it printed; a failure or a program that does not end fails the test. */
const run = async (program: string, args: ReadonlyArray<string>, cwd = project): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, args, { cwd, timeout: 100_000, killSignal: "SIGKILL" })
  return stdout
}
const node = (...args: ReadonlyArray<string>) => run(process.execPath, args)

const link = (name: string, from = core) => {
  const path = join(project, "node_modules", name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(realpathSync(join(from, "node_modules", name)), path, "junction")
}

const filesOf = (pattern: string) => globSync(pattern, { cwd: installed }).map((path) => path.replaceAll("\\", "/"))

/** The specifiers that the package offers: one a public module. */
const publicModules = () =>
  filesOf("dist/**/*.js")
    .filter((path) => !path.startsWith("dist/internal/"))
    .map((path) => `@ropewalk/core/${path.slice("dist/".length, -".js".length)}`.replace(/\/index$/, ""))

beforeAll(async () => {
  const tarballs = join(project, "tarballs")
  await run(process.execPath, [join(workspace, "scripts/pack.ts"), tarballs], workspace)
  mkdirSync(installed, { recursive: true })
  const [tarball = ""] = globSync("ropewalk-core-*.tgz", { cwd: tarballs })
  await run("tar", ["-xzf", join("tarballs", tarball), "-C", "node_modules/@ropewalk/core", "--strip-components=1"])
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) link(name)
  cpSync(join(import.meta.dirname, "project"), project, { recursive: true })
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }))
}, 120_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe("the packed package", () => {
  it("has effect as a peer at one exact version, and no dependency by range", () => {
    expect(Object.keys(manifest.peerDependencies)).toEqual(["effect"])
    const versions = Object.values({ ...manifest.dependencies, ...manifest.peerDependencies })
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it("exports what is built, and nothing internal", () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "object" && target !== null ? Object.values(target) : [target]
    )
    const built = /^\.\/dist\/[\w*]+\.(?:js|d\.ts)$/
    expect(targets.filter((target) => target !== null && target !== "./package.json" && !built.test(target))).toEqual(
      []
    )
    expect(manifest.exports["./internal/*"]).toBeNull()
  })

  it("ships the source that its maps point to", () => {
    const missing = filesOf("dist/**/*.map").flatMap((map) => {
      const { sources }: { sources: ReadonlyArray<string> } = JSON.parse(readFileSync(join(installed, map), "utf8"))
      return sources.filter((source) => !existsSync(resolve(installed, dirname(map), source)))
    })
    expect(missing).toEqual([])
  })

  it("imports no TypeScript file at run time", () => {
    const importing = filesOf("dist/**/*.js").filter((path) =>
      /(?:from|import\()\s*"\.[^"]*\.ts"/.test(readFileSync(join(installed, path), "utf8"))
    )
    expect(importing).toEqual([])
  })

  it("lets every public module be imported", async () => {
    const modules = publicModules()
    expect(modules).toContain("@ropewalk/core")
    await node("--input-type=module", "--eval", modules.map((name) => `await import("${name}")`).join("\n"))
  })

  it("keeps what is internal to itself", async () => {
    const internal = filesOf("dist/internal/**/*.js").map((path) => path.slice("dist/".length, -".js".length))
    const attempts = internal.map(
      (path) => `await import("@ropewalk/core/${path}").then(() => open.push("${path}"), () => {})`
    )
    const program = ["const open = []", ...attempts, "console.log(JSON.stringify(open))"].join("\n")
    expect(JSON.parse(await node("--input-type=module", "--eval", program))).toEqual([])
  })

  it("has declarations that stand on their own", async () => {
    link("@types/node", workspace)
    const imports = publicModules().map((name, index) => `export * as M${index} from "${name}"`)
    writeFileSync(join(project, "consumer.ts"), imports.join("\n"))
    // Declarations are checked too, which `skipLibCheck` would not: what `stripInternal` took must not be named elsewhere.
    // Effect's own need the DOM's types.
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--lib", "esnext,dom"]
    const tsc = join(workspace, "node_modules/typescript/bin/tsc")
    await node(tsc, ...options, "--exactOptionalPropertyTypes", "--types", "node", "consumer.ts").catch(
      (error: { stdout: string }) => expect.fail(error.stdout)
    )
  })

  it("runs a thread pool and a process pool from plain JavaScript files, and ends", async () => {
    await node("pools.js")
  })
})
