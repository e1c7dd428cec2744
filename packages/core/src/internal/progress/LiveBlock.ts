/**
 * Lines at the bottom of a terminal that are drawn anew in place, and that what else is printed goes above of.
 *
 * ```text
 * a log line            ◀ what others print: the block is erased, the text written, the block drawn again below it
 * another log line
 * import  41 %  ████    ◀ the block
 *   stage    done
 *                       ◀ the cursor, hidden
 * ```
 *
 * Others print by `write` of the same terminal's streams (`console.log`, loggers, the output of workers), so that is what is
 * watched while the block is shown, as log-update and listr do. A process that was given the terminal itself can't be seen.
 *
 * @internal
 */
import type { TerminalStream } from "../../Progress.ts"
import { widthOf } from "./width.ts"

const csi = "\u001b["

const hideCursor = `${csi}?25l`

const showCursor = `${csi}?25h`

/** A line that is wider than was thought is cut by the terminal then, and doesn't take two rows. */
const noWrap = `${csi}?7l`

const wrap = `${csi}?7h`

const eraseToEndOfLine = `${csi}K`

const eraseToEndOfScreen = `${csi}J`

const up = (rows: number): string => (rows === 0 ? "\r" : `\r${csi}${rows}A`)

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Those that a block is on. */
const taken = new WeakSet<TerminalStream>()

type Write = TerminalStream["write"]

export class LiveBlock {
  private readonly stream: TerminalStream
  private readonly watched: ReadonlyArray<TerminalStream>
  private readonly writes = new Map<TerminalStream, Write>()
  private lines: ReadonlyArray<string> = []
  /** Whether the lines are on the terminal. */
  private isShown = false
  /** How wide the terminal was when they were drawn. */
  private columns = 0
  /** Somebody has printed a part of a line: the block comes back when it is whole. */
  private isMidLine = false

  /**
   * `others` are streams that may end at the same terminal. Answers with nothing when there is another block on one of them:
   * each would take the other's lines for its own.
   */
  static open(stream: TerminalStream, others: ReadonlyArray<TerminalStream>): LiveBlock | undefined {
    const streams = [stream, ...others.filter((other) => other !== stream && other.isTTY === true)]
    return streams.some((stream) => taken.has(stream)) ? undefined : new LiveBlock(stream, streams)
  }

  private constructor(stream: TerminalStream, watched: ReadonlyArray<TerminalStream>) {
    this.stream = stream
    this.watched = watched
    for (const stream of this.watched) this.watch(stream)
    this.stream.on("resize", this.onResize)
    process.on("exit", this.onExit)
    for (const signal of signals) process.on(signal, this.onSignal)
    this.print(hideCursor)
  }

  /** Leaves the lines where they are, gives back the cursor, and lets others print as they like. */
  close(): void {
    if (this.isMidLine) {
      this.print("\n")
      this.isMidLine = false
      this.show()
    }
    this.print(showCursor)
    process.off("exit", this.onExit)
    for (const signal of signals) process.off(signal, this.onSignal)
    this.stream.off("resize", this.onResize)
    for (const [stream, write] of this.writes) {
      stream.write = write
      taken.delete(stream)
    }
    this.writes.clear()
  }

  /** Shows these lines, without control codes but colours, in the place of those before. */
  draw(lines: ReadonlyArray<string>): void {
    const rows = this.rows
    this.lines = lines
    if (this.isMidLine) return
    const drawn = lines.map((line) => `${line}${eraseToEndOfLine}\n`).join("")
    this.isShown = true
    this.columns = this.stream.columns || Number.MAX_SAFE_INTEGER
    this.print(`${up(rows)}${noWrap}${drawn}${eraseToEndOfScreen}${wrap}`)
  }

  /** How many rows of the terminal it takes now. One that has become narrower has broken the lines that no longer fit. */
  private get rows(): number {
    if (!this.isShown) return 0
    const columns = this.stream.columns || this.columns
    const rowsOf = (line: string) => Math.ceil(Math.min(widthOf(withoutColours(line)), this.columns) / columns)
    return this.lines.reduce((sum, line) => sum + Math.max(1, rowsOf(line)), 0)
  }

  private show(): void {
    if (!this.isShown && this.lines.length > 0) this.draw(this.lines)
  }

  private hide(): void {
    if (this.isShown) this.print(`${up(this.rows)}${eraseToEndOfScreen}`)
    this.isShown = false
  }

  private watch(stream: TerminalStream): void {
    const write = stream.write
    taken.add(stream)
    this.writes.set(stream, write)
    // It has an encoding and a callback too, if it is Node's.
    stream.write = ((chunk: string | Uint8Array, ...rest: ReadonlyArray<unknown>) => {
      this.hide()
      const isRoom = Reflect.apply(write, stream, [chunk, ...rest])
      if (chunk.length > 0) this.isMidLine = !endsLine(chunk)
      if (!this.isMidLine) this.show()
      return isRoom
    }) as Write
  }

  private print(text: string): void {
    const write = this.writes.get(this.stream) ?? this.stream.write
    write.call(this.stream, text)
  }

  private readonly onResize = (): void => {
    if (this.isShown) this.draw(this.lines)
  }

  /** The program ends while the block is shown. A terminal without a cursor is a nuisance. */
  private readonly onExit = (): void => this.print(showCursor)

  /** A signal that nobody else listens to ends the program without an exit, and would have if we didn't listen either. */
  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return
    this.print(showCursor)
    process.off(signal, this.onSignal)
    process.kill(process.pid, signal)
  }
}

const endsLine = (chunk: string | Uint8Array): boolean => {
  const last = chunk.at(-1)
  return last === "\n" || last === 10
}

const withoutColours = (line: string): string => line.replace(colours, "")

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a colour begins
const colours = /\u001b\[[\d;]*m/g
