/**
 * `pnpm run pack [folder]`: builds every package (but the benchmark, which is private), packs it as it would be published, and checks the shape of each tarball with
 * publint. The tarballs stay in `folder` when one is given.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"

const root = join(import.meta.dirname, "..")

const run = (command: string, args: ReadonlyArray<string>): void => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed with ${status}\n${stdout}${stderr}`)
}

/** What publint has to say of a tarball; suggestions count, so that a package is published without any. */
const shapeErrors = async (tarball: string): Promise<Array<string>> => {
  const { buffer } = new Uint8Array(readFileSync(tarball))
  const { messages, pkg } = await publint({ pack: { tarball: buffer } })
  return messages.map((message) => `${pkg["name"]}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}

const asked = process.argv[2]
const folder = asked === undefined ? mkdtempSync(join(tmpdir(), "ropewalk-pack-")) : resolve(asked)
try {
  mkdirSync(folder, { recursive: true })
  run(process.execPath, [join(root, "scripts/build.ts")])
  const published = ["--filter", "./packages/*", "--filter", "!@ropewalk/bench"]
  run("npm", ["run", "--silent", "pnpm", "--", ...published, "pack", "--pack-destination", folder])
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"))
  const errors = (await Promise.all(tarballs.map((name) => shapeErrors(join(folder, name))))).flat()
  console.log(`Packed ${tarballs.join(", ")}`)
  for (const error of errors) console.error(error)
  if (errors.length > 0) process.exitCode = 1
} finally {
  if (asked === undefined) rmSync(folder, { recursive: true, force: true })
}
