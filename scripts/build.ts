/**
 * `pnpm build [package…]`: JavaScript, types and maps of every package that is published (or of the named ones) into its
 * `dist/`. What is published says how it is built, in a `tsconfig.build.json`.
 *
 * `dist/` is removed first. `tsc -b` leaves the output of a deleted module in place, and what lies in `dist/` is packed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const named = process.argv.slice(2)
const isPublished = (name: string) => existsSync(join(root, "packages", name, "tsconfig.build.json"))
const names = named.length > 0 ? named : readdirSync(join(root, "packages")).filter(isPublished)
const packages = names.map((name) => join(root, "packages", name))

for (const folder of packages) rmSync(join(folder, "dist"), { recursive: true, force: true })
const tsc = join(root, "node_modules/typescript/bin/tsc")
const projects = packages.map((folder) => join(folder, "tsconfig.build.json"))
const built = spawnSync(process.execPath, [tsc, "-b", ...projects], { stdio: "inherit" })
process.exitCode = built.status ?? 1
