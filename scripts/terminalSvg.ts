/** Draws lines of a terminal as an SVG: text stays text, and colours are those of the SGR codes it holds. */
import { stripVTControlCharacters } from "node:util"

const charWidth = 8.4
const lineHeight = 19
const padding = 18

const background = "#12161c"
const foreground = "#d5dbe3"

/** The colours of SGR 30–37 and 90–97, and of dim text (2). */
const colours: Record<string, string> = {
  "2": "#7d8896",
  "30": "#4b5563",
  "31": "#f2777a",
  "32": "#8ccf7e",
  "33": "#e5c76b",
  "34": "#67b0e8",
  "35": "#c47fd5",
  "36": "#6cbfbf",
  "37": foreground,
  "90": "#7d8896",
  "91": "#f2777a",
  "92": "#8ccf7e",
  "93": "#e5c76b",
  "94": "#67b0e8",
  "95": "#c47fd5",
  "96": "#6cbfbf",
  "97": "#ffffff"
}

interface Style {
  readonly fill: string
  readonly bold: boolean
}

interface Run extends Style {
  readonly text: string
}

const plain: Style = { fill: foreground, bold: false }

const restyle = (style: Style, code: string): Style => {
  if (code === "0" || code === "") return plain
  if (code === "1") return { ...style, bold: true }
  if (code === "22") return { ...style, bold: false, fill: style.fill === colours["2"] ? foreground : style.fill }
  if (code === "39") return { ...style, fill: foreground }
  return { ...style, fill: colours[code] ?? style.fill }
}

/** Adds a run, joined to the last one if they look the same. */
const append = (runs: Array<Run>, run: Run): void => {
  const last = runs.at(-1)
  if (last?.fill === run.fill && last.bold === run.bold) runs[runs.length - 1] = { ...last, text: last.text + run.text }
  else runs.push(run)
}

/** A line as runs of one style; the style a line ends with is where the next one begins. */
const runsOf = (line: string, start: Style): { readonly runs: ReadonlyArray<Run>; readonly end: Style } => {
  // Odd parts are the codes between `ESC [` and `m`.
  const parts = line.split(new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`))
  const runs: Array<Run> = []
  let style = start
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) style = part.split(";").reduce(restyle, style)
    else if (part !== "") append(runs, { ...style, text: stripVTControlCharacters(part) })
  }
  return { runs, end: style }
}

const escapeXml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** Each run is held to its columns by `textLength`: the reader's monospace font may have another width. */
const drawRuns = (runs: ReadonlyArray<Run>, y: number): string => {
  let column = 0
  return runs
    .map(({ text, fill, bold }) => {
      const length = [...text].length
      const x = padding + column * charWidth
      column += length
      const weight = bold ? ' font-weight="bold"' : ""
      const place = `x="${x.toFixed(1)}" y="${y}" textLength="${(length * charWidth).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
      return `<text ${place} fill="${fill}"${weight} xml:space="preserve">${escapeXml(text)}</text>`
    })
    .join("\n")
}

/** An SVG document that shows the lines; its title, for those who can't see it, is the first of them. */
export const drawTerminal = (lines: ReadonlyArray<string>): string => {
  const columns = Math.max(...lines.map((line) => [...stripVTControlCharacters(line)].length))
  const width = Math.ceil(columns * charWidth + 2 * padding)
  const height = lines.length * lineHeight + 2 * padding
  let style = plain
  const texts = lines.map((line, index) => {
    const { runs, end } = runsOf(line, style)
    style = end
    return drawRuns(runs, padding + 14 + index * lineHeight)
  })
  const font = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14"'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font}>`,
    `<title>${escapeXml(stripVTControlCharacters(lines[0] ?? ""))}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    ...texts.filter((text) => text !== ""),
    "</svg>",
    ""
  ].join("\n")
}
