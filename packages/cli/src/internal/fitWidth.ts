import { stripVTControlCharacters } from "node:util"

/**
 * Makes a text fit a width: lines that are too long break between words, and go on in the column where their text is. Where
 * the left column takes more than half of the width, the right one goes below it.
 *
 * @internal
 */
export const fitWidth = (text: string, width: number): string =>
  text
    .split("\n")
    .flatMap((line) => (lengthOf(line) <= width ? [line] : breakLine(line, width)))
    .join("\n")

const breakLine = (line: string, width: number): ReadonlyArray<string> => {
  const margin = /^ */.exec(line)![0]
  const left = /^ *\S.*? {2,}(?=\S)/.exec(line)?.[0]
  if (left === undefined) return fill(line.slice(margin.length), margin, margin, width)
  const right = line.slice(left.length)
  if (lengthOf(left) <= width / 2) return fill(right, left, " ".repeat(lengthOf(left)), width)
  const indent = `${margin}    `
  return [...fill(left.trim(), margin, indent, width), ...fill(right, indent, indent, width)]
}

/** As many words a line as fit, the first line after `first`, the others after `indent`. */
const fill = (text: string, first: string, indent: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = first
  let empty = true
  for (const word of text.split(" ")) {
    if (empty) line += word
    else if (lengthOf(line) + 1 + lengthOf(word) <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = indent + word
    }
    empty = false
  }
  return [...lines, line]
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length
