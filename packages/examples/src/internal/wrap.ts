/**
 * Breaks a text between words so that no line is wider than `width`; a word wider than that stays whole. Lines after the
 * first begin with `indent`.
 *
 * @internal
 */
export const wrap = (text: string, width: number, indent = ""): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line === "") line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = indent + word
    }
  }
  return [...lines, line]
}
