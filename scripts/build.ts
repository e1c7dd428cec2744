/**
 * `pnpm build [package…]`: JavaScript, types and maps of every package that is published (or of the named ones) into its
 * `dist/`. How it is built, its `tsconfig.build.json` says.
 *
 * `dist/` is removed first. `tsc -b` leaves the output of a deleted module in place, and what lies in `dist/` is packed.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type RolldownOutput, rolldown } from "rolldown"

const root = join(import.meta.dirname, "..")
const packageFolder = (name: string) => join(root, "packages", name)

const compile = (names: ReadonlyArray<string>): boolean => {
  const folders = names.map(packageFolder)
  for (const folder of folders) rmSync(join(folder, "dist"), { recursive: true, force: true })
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  const projects = folders.map((folder) => join(folder, "tsconfig.build.json"))
  return spawnSync(process.execPath, [tsc, "-b", ...projects], { stdio: "inherit" }).status === 0
}

/** The first file of every worker, beside which stays what is loaded when a function answers with an Effect or a Stream. */
const workerEntries = ["threadMain", "processMain", "watchdogThread"]
const loadedLater = /\/(runEffect|drain)\.js$/

/**
 * A worker starts in a third less time when what it loads first is one file, and another millisecond sooner when that is
 * a CommonJS one: `pnpm bench cold`, and docs/adr/0015-workers-start-from-one-file.md.
 */
const bundleWorkerEntries = async (): Promise<void> => {
  const folder = join(packageFolder("core"), "dist/internal/worker")
  for (const name of workerEntries) {
    const input = join(folder, `${name}.js`)
    const external = (id: string) => id.startsWith("node:") || isEffect(id) || loadedLater.test(id)
    const bundle = await rolldown({ input, platform: "node", external })
    const written = await bundle.write({
      file: join(folder, `${name}.cjs`),
      format: "cjs",
      codeSplitting: false,
      comments: false
    })
    refuseEffect(name, written)
    for (const left of [input, `${input}.map`]) rmSync(left)
  }
}

const isEffect = (id: string): boolean => /^(effect|@effect\/[^/]+)(\/|$)/.test(id)

/** What is loaded later, and not named as such, would be loaded at once. */
const refuseEffect = (name: string, { output: [{ imports }] }: RolldownOutput): void => {
  const loaded = imports.filter(isEffect)
  if (loaded.length > 0) throw new Error(`${name} would load ${loaded.join(", ")} when it starts`)
}

const named = process.argv.slice(2)
const isPublished = (name: string) =>
  JSON.parse(readFileSync(join(packageFolder(name), "package.json"), "utf8")).private !== true
const names = named.length > 0 ? named : readdirSync(join(root, "packages")).filter(isPublished)
if (!compile(names)) process.exitCode = 1
else if (names.includes("core")) await bundleWorkerEntries()
