/** A terminal in memory, as far as the progress display needs one: what a person would see of all that was written to it. */
import { assert } from "@effect/vitest"
import { widthOf } from "../../src/internal/progress/width.ts"
import type { TerminalStream } from "../../src/Progress.ts"

export class Screen implements TerminalStream {
  readonly isTTY: boolean
  columns: number
  rows: number
  isCursorShown = true
  isWrapping = true
  /** All that was written, as it came. */
  written = ""
  /** Who listens for a change of size. */
  readonly listeners = new Set<() => void>()
  private cells: Array<Array<string>> = [[]]
  private row = 0
  private column = 0

  constructor({ columns = 80, isTTY = true, rows = 24 } = {}) {
    this.columns = columns
    this.rows = rows
    this.isTTY = isTTY
  }

  /** Not a method: who watches a stream puts another function in its place. */
  write = (chunk: string | Uint8Array): boolean => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()
    this.written += text
    for (const [code] of text.matchAll(codes)) this.take(code)
    return true
  }

  on = (_: "resize", listener: () => void): unknown => this.listeners.add(listener)

  off = (_: "resize", listener: () => void): unknown => this.listeners.delete(listener)

  /** Makes it narrower or wider. Rows are broken anew, as most terminals do. */
  resize(columns: number): void {
    const lines = this.lines
    const below = this.cells.length - this.row
    this.columns = columns
    this.cells = lines.flatMap((line) => {
      const signs = [...line]
      const rows = Math.max(1, Math.ceil(signs.length / columns))
      return Array.from({ length: rows }, (_, i) => signs.slice(i * columns, (i + 1) * columns))
    })
    for (let n = lines.length; n < this.row + below; n++) this.cells.push([])
    this.row = this.cells.length - below
    for (const listener of this.listeners) listener()
  }

  /** What can be read on it, without empty rows at the end. */
  get lines(): ReadonlyArray<string> {
    const lines = this.cells.map((row) => row.join("").trimEnd())
    while (lines.at(-1) === "") lines.pop()
    return lines
  }

  private take(code: string): void {
    if (code === "\n") return this.moveTo(this.row + 1, 0)
    if (code === "\r") return this.moveTo(this.row, 0)
    if (!code.startsWith("\u001b")) return this.put(code)
    if (code.endsWith("m")) return
    const sequence = code.slice(1)
    if (sequence === "[K") return this.eraseLine()
    if (sequence === "[J") {
      this.eraseLine()
      this.cells.length = this.row + 1
      return
    }
    const up = /^\[(\d+)A$/.exec(sequence)
    if (up !== null) {
      assert.isAtMost(Number(up[1]), this.row, "the cursor goes above the top")
      return this.moveTo(this.row - Number(up[1]), this.column)
    }
    const mode = /^\[\?(25|7)([hl])$/.exec(sequence)
    assert(mode !== null, `not understood: ${JSON.stringify(code)}`)
    if (mode[1] === "25") this.isCursorShown = mode[2] === "h"
    else this.isWrapping = mode[2] === "h"
  }

  private eraseLine(): void {
    this.cells[this.row]!.length = Math.min(this.cells[this.row]!.length, this.column)
  }

  private put(sign: string): void {
    const width = widthOf(sign)
    if (this.column + width > this.columns) {
      if (!this.isWrapping) return
      this.moveTo(this.row + 1, 0)
    }
    const row = this.cells[this.row]!
    while (row.length < this.column) row.push(" ")
    row[this.column] = sign
    for (let n = 1; n < width; n++) row[this.column + n] = ""
    this.column += width
  }

  private moveTo(row: number, column: number): void {
    while (this.cells.length <= row) this.cells.push([])
    this.row = row
    this.column = column
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a control code begins
const codes = /\u001b\[[?\d;]*[A-Za-z]|./gsu
