/**
 * Finds the examples in doc comments and in Markdown: every fence that opens with ` ```ts `.
 *
 * After `ts` a fence may say
 * - `type-only`: a fragment, type-checked and not run;
 * - `file=worker.ts`: a file that other fences of the same document use. It is written under that name and type-checked;
 *   the fence that uses it runs it.
 */

export interface Fence {
  /** The document's path from the workspace root. */
  readonly document: string
  /** The line of the document that opens the fence, from 1. */
  readonly line: number
  /** The code, with an empty line for each line of the document above it: errors then name the document's own lines. */
  readonly code: string
  /** The file's name beside the other fences of the document. */
  readonly file: string
  readonly run: boolean
}

const opening = /^(?<margin>\s*(?:\*\s?)?)```ts(?<words>(?:\s.*)?)$/
const words = new Set(["type-only"])

const parseWords = (text: string, where: string): Pick<Fence, "run"> & { readonly name: string | undefined } => {
  const all = text.split(/\s+/).filter((word) => word !== "")
  const name = all.find((word) => word.startsWith("file="))?.slice("file=".length)
  const unknown = all.find((word) => !words.has(word) && !word.startsWith("file="))
  if (unknown !== undefined) throw new Error(`${where}: a fence may say "type-only" or "file=…", not "${unknown}"`)
  return { name, run: all.length === 0 }
}

/** The fences of one document. In a `.ts` document only block comments are looked at. */
export const fencesOf = (document: string, text: string): Array<Fence> => {
  const fences: Array<Fence> = []
  const inSource = document.endsWith(".ts")
  const lines = text.split("\n")
  let open: { readonly line: number; readonly indent: number; readonly words: string } | undefined
  for (const [index, line] of lines.entries()) {
    if (open === undefined) {
      const match = opening.exec(line)
      const isComment = line.trimStart().startsWith("*")
      if (match !== null && inSource === isComment) {
        open = { line: index + 1, indent: match[1]?.length ?? 0, words: match[2] ?? "" }
      }
    } else if (line.slice(open.indent).trimEnd() === "```") {
      const { name, run } = parseWords(open.words, `${document}:${open.line}`)
      const { line: start, indent } = open
      const body = lines.slice(start, index).map((each) => each.slice(indent))
      const file = name ?? `line-${start}.ts`
      if (fences.some((fence) => fence.file === file)) {
        throw new Error(`${document}:${start}: a second ${file} in this document`)
      }
      fences.push({
        document,
        line: start,
        code: [...Array<string>(start).fill(""), ...body, ""].join("\n"),
        file,
        run
      })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: this fence is never closed`)
  return fences
}
