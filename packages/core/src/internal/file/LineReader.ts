/**
 * Takes bytes apart into lines, and knows where the last whole one ended.
 *
 * @internal
 */
const lineFeed = 10

export class LineReader {
  /** Bytes that were read. */
  size = 0
  /** Of them, those up to the end of the last whole line. */
  end = 0
  /** Whole lines. */
  lines = 0

  private readonly onLine: (line: string, index: number) => void
  /** What came after the last end, in pieces: bytes, since a character may be cut in two. */
  private rest: Array<Buffer> = []

  constructor(onLine: (line: string, index: number) => void) {
    this.onLine = onLine
  }

  /** The bytes are the caller's to overwrite afterwards. Answers whether there were any. */
  read(chunk: Buffer): boolean {
    let from = 0
    for (let to = chunk.indexOf(lineFeed); to !== -1; to = chunk.indexOf(lineFeed, from)) {
      const line = this.joined(chunk.subarray(from, to))
      this.rest = []
      from = to + 1
      this.end = this.size + from
      this.onLine(line, this.lines++)
    }
    if (from < chunk.length) this.rest.push(Buffer.from(chunk.subarray(from)))
    this.size += chunk.length
    return chunk.length > 0
  }

  /** What stands after the last line's end. */
  get tail(): string {
    return Buffer.concat(this.rest).toString("utf8")
  }

  private joined(last: Buffer): string {
    return this.rest.length === 0 ? last.toString("utf8") : Buffer.concat([...this.rest, last]).toString("utf8")
  }
}
