/**
 * Folders of text: what is in one, and how to make one.
 *
 * @internal
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { randomOf } from "../random.ts"
import { languageOf, writeText } from "../text/writeText.ts"
import type { File } from "./spans.ts"
import { type Unread, unreadOf } from "./tally.ts"

export interface Found {
  /** In the order of their paths: neighbours tend to share their words. */
  readonly files: ReadonlyArray<File>
  readonly unread: ReadonlyArray<Unread>
}

/** All files below a folder. Links are left out: no file is found twice. Rejects if the folder itself can't be read. */
export const filesIn = async (folder: string): Promise<Found> => {
  const files: Array<File> = []
  const unread: Array<Unread> = []
  const readFolder = async (path: string) => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const below = join(path, entry.name)
      if (entry.isFile()) files.push({ path: below, bytes: await sizeOf(below) })
      else if (entry.isDirectory()) await readFolder(below).catch((error: Error) => unread.push(unreadOf(below, error)))
    }
  }
  await readFolder(folder)
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), unread }
}

/** 0 for a file that is gone again: who reads it will say so. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0
  )

/** A file of text that is still to be written. */
export interface Draft {
  readonly path: string
  readonly seed: number
  readonly index: number
  readonly characters: number
}

/** What to write into a folder to have about so many bytes of text: files of many sizes, a folder for each language. */
export const draftsOf = (folder: string, seed: number, bytes: number): ReadonlyArray<Draft> => {
  const random = randomOf(seed)
  const drafts: Array<Draft> = []
  for (let index = 0, left = bytes; left > 0; index++) {
    const { code } = languageOf(index)
    const wanted = Math.min(left, 20_000 + random.below(2 * meanBytes))
    const path = join(folder, code, `${String(index).padStart(4, "0")}.txt`)
    drafts.push({ path, seed, index, characters: Math.ceil(wanted / bytesPerCharacter(code)) })
    left -= wanted
  }
  return drafts
}

const meanBytes = 300_000

/** Greek and Cyrillic letters take two bytes each, and spaces one. */
const bytesPerCharacter = (code: string): number => (code === "el" || code === "ru" ? 1.8 : 1.03)

/** Writes a file. Every seventh has its accents apart (NFD), as some systems write them. */
export const writeDraft = ({ characters, index, path, seed }: Draft): void => {
  const text = writeText(seed + index, characters, languageOf(index))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, index % 7 === 6 ? text.normalize("NFD") : text)
}
