/**
 * Breaks a text between words so that no line is wider than `width`; a word wider than that stays whole. The first line
 * begins with `first`, the others with `indent`.
 *
 * @internal
 */
export const wrap = (text: string, width: number, indent = "", first = ""): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const [word = "", ...words] = text.split(" ")
  let line = first + word
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = indent + word
    }
  }
  return [...lines, line]
}
