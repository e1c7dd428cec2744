/**
 * `pnpm build [package…]`: JavaScript, types and maps of every package (or of the named ones) into its `dist/`.
 *
 * `dist/` is removed first. `tsc -b` leaves the output of a deleted module in place, and what lies in `dist/` is packed.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const named = process.argv.slice(2)
const names = named.length > 0 ? named : readdirSync(join(root, "packages"))
const packages = names.map((name) => join(root, "packages", name))

for (const folder of packages) rmSync(join(folder, "dist"), { recursive: true, force: true })
const tsc = join(root, "node_modules/typescript/bin/tsc")
const projects = packages.map((folder) => join(folder, "tsconfig.build.json"))
const built = spawnSync(process.execPath, [tsc, "-b", ...projects], { stdio: "inherit" })
process.exitCode = built.status ?? 1
