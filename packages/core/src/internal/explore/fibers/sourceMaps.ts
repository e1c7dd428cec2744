/**
 * From a position in a script as V8 runs it to the source that somebody wrote. Node strips types in place, so there is
 * mostly nothing to do; a compiler leaves a map in the script; and Vitest keeps its maps to itself, but has taught
 * `Error.prepareStackTrace` to use them, so that is asked with a stack of one frame.
 *
 * @internal
 */
import { SourceMap } from "node:module"
import { fileURLToPath } from "node:url"

export interface Script {
  readonly url: string
  readonly sourceMapURL?: string | undefined
}

/** Lines and columns from 0. */
interface Position {
  readonly source: string
  readonly line: number
}

export const originalPosition = (script: Script, line: number, column: number): Position => {
  const compiled = { source: script.url, line }
  return byMap(script, line, column) ?? byStackTrace(script, line, column) ?? compiled
}

const maps = new Map<string, SourceMap | undefined>()

const byMap = ({ sourceMapURL, url }: Script, line: number, column: number): Position | undefined => {
  if (!maps.has(url)) maps.set(url, inlineMap(sourceMapURL))
  const entry = maps.get(url)?.findEntry(line, column)
  return entry !== undefined && "originalLine" in entry ? { source: url, line: entry.originalLine } : undefined
}

const inlineMap = (url: string | undefined): SourceMap | undefined => {
  const encoded = /^data:application\/json[^,]*;base64,(.*)$/.exec(url ?? "")?.[1]
  return encoded === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()))
}

const byStackTrace = ({ url }: Script, line: number, column: number): Position | undefined => {
  // The inspector makes a URL of each path; scripts that are mapped go by their paths.
  const frame = new Frame(url.startsWith("file:") ? fileURLToPath(url) : url, line + 1, column + 1)
  const text: unknown = Error.prepareStackTrace?.(new Error("where"), [frame as unknown as NodeJS.CallSite])
  const match = typeof text === "string" ? /\(?([^\s()]+):(\d+):\d+\)?$/.exec(text) : null
  return match === null ? undefined : { source: match[1]!, line: Number(match[2]) - 1 }
}

/** What V8 would hand over: those that map stack traces copy the methods of its prototype. */
class Frame {
  readonly #file: string
  readonly #line: number
  readonly #column: number

  constructor(file: string, line: number, column: number) {
    this.#file = file
    this.#line = line
    this.#column = column
  }

  getFileName(): string {
    return this.#file
  }
  getScriptNameOrSourceURL(): string {
    return this.#file
  }
  getLineNumber(): number {
    return this.#line
  }
  getColumnNumber(): number {
    return this.#column
  }
  getFunctionName(): null {
    return null
  }
  getMethodName(): null {
    return null
  }
  getTypeName(): null {
    return null
  }
  getEvalOrigin(): undefined {
    return undefined
  }
  isNative(): boolean {
    return false
  }
  isEval(): boolean {
    return false
  }
  isConstructor(): boolean {
    return false
  }
  isToplevel(): boolean {
    return true
  }
  toString(): string {
    return `${this.#file}:${this.#line}:${this.#column}`
  }
}
