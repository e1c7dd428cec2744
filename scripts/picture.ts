/**
 * `pnpm run picture [demo…]`: runs demos for real and draws what the terminal showed as `docs/run.svg`, the README's picture.
 *
 * The README's block between `<!-- run -->` and `<!-- /run -->` is written too, so that picture and command agree.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { drawTerminal } from "./terminalSvg.ts"

const root = join(import.meta.dirname, "..")
const named = process.argv.slice(2)
const args = `demo ${(named.length > 0 ? named : ["process-pool"]).join(" ")} --seed 1`

/** Colours appear on a terminal only: `script` (util-linux) lends one, of 88 columns. */
const inTerminal = (command: string) =>
  spawnSync("script", ["--quiet", "--return", "--command", `stty cols 88 && exec ${command}`, "/dev/null"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"]
  })

const { status, stdout, error } = inTerminal(`node packages/cli/src/bin.ts ${args}`)
if (status !== 0) throw error ?? new Error(`ropewalk ${args} ended with ${status}\n${stdout}`)
const lines = stdout.replaceAll("\r", "").trimEnd().split("\n")
if (stripVTControlCharacters(lines.join("")) === "") throw new Error(`ropewalk ${args} printed nothing`)

const command = `pnpm ropewalk ${args}`
writeFileSync(join(root, "docs/run.svg"), drawTerminal([`$ ${command}`, ...lines]))

const readme = join(root, "README.md")
const block = `<!-- run -->\n![What \`${command}\` prints](docs/run.svg)\n<!-- /run -->`
writeFileSync(readme, readFileSync(readme, "utf8").replace(/<!-- run -->.*<!-- \/run -->/s, block))
