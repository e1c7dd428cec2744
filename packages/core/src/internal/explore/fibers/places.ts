/**
 * Where a fiber stands in the source. A generator that waits at a `yield*` keeps no stack, but V8 knows its position,
 * and so does it of each function that Effect holds for later: the inspector tells. Effect's own frames are passed over.
 * Where there is no inspector, or no frame of the program, spans and `Effect.fn` give the line if there are any.
 *
 * @internal
 */
import * as fs from "node:fs"
import * as inspector from "node:inspector"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import type * as Fiber from "effect/Fiber"
import type * as References from "effect/References"
import { originalPosition, type Script } from "./sourceMaps.ts"

export interface Place {
  /** Relative to the working directory. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** What stands there. */
  readonly text: string | undefined
}

/** What a fiber holds of its way back: innermost last. */
export interface Frames {
  readonly held: ReadonlyArray<unknown>
  readonly span: References.StackFrame | undefined
}

export interface Locator {
  readonly placeOf: (frames: Frames) => Place | undefined
}

/** A copy: a fiber drops its frames as it goes. */
export const framesOf = (fiber: Fiber.Fiber<unknown, unknown>): Frames => {
  // Not part of Effect's interface; without it there are still the spans.
  const { _stack } = fiber as unknown as { readonly _stack?: ReadonlyArray<object> }
  return { held: _stack === undefined ? [] : _stack.flatMap(heldBy), span: fiber.cache.stackFrame }
}

const heldBy = (frame: object): ReadonlyArray<unknown> =>
  Object.values(frame).filter((value) => typeof value === "function" || isGenerator(value))

const isGenerator = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object Generator]"

export const show = (place: Place | undefined): string =>
  place === undefined ? "somewhere in Effect's own code (Effect.withSpan gives it a place)" : `at ${inWords(place)}`

/** A line, from 1, of a file by its path or URL. */
export const describe = (url: string, line: number): string => {
  return inWords(placed(pathOf(url), line - 1))
}

const inWords = ({ file, line, text }: Place): string => `${file}:${line}${text === undefined ? "" : `  ${text}`}`

export const shortly = ({ file, line }: Place): string => `${path.basename(file)}:${line}`

let open: Locator | undefined

/** Looks places up for as long as `use` lasts: V8 goes slower while it is asked. Within another, it is the same. */
export const locate = <A>(use: (locator: Locator) => A): A => {
  if (open !== undefined) return use(open)
  const session = new inspector.Session()
  const scripts = new Map<string, Script>()
  session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params))
  try {
    session.connect()
    session.post("Debugger.enable")
    // Should a `debugger` statement of the program stop this session, nobody would be there to go on.
    session.post("Debugger.setSkipAllPauses", { skip: true })
    open = { placeOf: ({ held, span }) => innermost(session, scripts, held) ?? ofSpan(span) }
    return use(open)
  } finally {
    open = undefined
    session.disconnect()
  }
}

const innermost = (
  session: inspector.Session,
  scripts: ReadonlyMap<string, Script>,
  held: ReadonlyArray<unknown>
): Place | undefined => {
  for (const value of held.toReversed()) {
    const position = positionOf(session, value)
    const script = position && scripts.get(position.scriptId)
    if (script === undefined || isOurs(script.url)) continue
    const place = inSource(script, position!.lineNumber, position!.columnNumber)
    if (place !== undefined) return place
  }
  return undefined
}

interface Position {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** How a value is handed to the inspector, which takes expressions. */
const handover = "~ropewalk/testing/Explore/handover"

const positionOf = (session: inspector.Session, value: unknown): Position | undefined => {
  const globals = globalThis as Record<string, unknown>
  globals[handover] = value
  let position: Position | undefined
  session.post("Runtime.evaluate", { expression: `globalThis[${JSON.stringify(handover)}]` }, (_, evaluated) => {
    const objectId = evaluated?.result.objectId
    if (objectId === undefined) return
    session.post("Runtime.getProperties", { objectId, ownProperties: true }, (_, properties) => {
      const found = properties?.internalProperties?.find(
        ({ name }) => name === "[[GeneratorLocation]]" || name === "[[FunctionLocation]]"
      )
      position = found?.value?.value as Position | undefined
    })
    session.post("Runtime.releaseObject", { objectId })
  })
  delete globals[handover]
  return position
}

/** The folders whose code is not where a program has its bug: ours. Effect's is under `node_modules`. */
const ours = ["..", "../../../testing"].map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)))

const isOurs = (url: string): boolean => {
  if (url === "" || url.startsWith("node:") || url.includes("/node_modules/")) return true
  const file = pathOf(url)
  return ours.some((folder) => file.startsWith(folder))
}

const pathOf = (url: string): string => (url.startsWith("file:") ? fileURLToPath(url) : url)

const inSource = (script: Script, line: number, column: number): Place | undefined => {
  const original = originalPosition(script, line, column)
  return placed(pathOf(original.source), original.line)
}

const placed = (file: string, line: number): Place => {
  const text = sourceOf(file)?.[line]?.trim()
  return { file: path.relative(process.cwd(), file), line: line + 1, text: text === "" ? undefined : text }
}

const sources = new Map<string, ReadonlyArray<string> | undefined>()

const sourceOf = (file: string): ReadonlyArray<string> | undefined => {
  if (!sources.has(file)) sources.set(file, fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : undefined)
  return sources.get(file)
}

const ofSpan = (frame: References.StackFrame | undefined): Place | undefined => {
  for (let at = frame; at !== undefined; at = at.parent) {
    const match = /\(?([^()\s]+):(\d+):\d+\)?\s*$/m.exec(at.stack() ?? "")
    if (match === null) continue
    return placed(pathOf(match[1]!), Number(match[2]) - 1)
  }
  return undefined
}
