/**
 * Two ways to show a demo: as text for people, as JSON for programs.
 *
 * A renderer writes once for each event, whole lines only: what two tasks print at the same time is never torn.
 */
import * as Schema from "effect/Schema"
import { type DemoEvent, DemoEventJson, type Lane } from "./DemoEvent.ts"
import { type Paint, paint } from "./internal/paint.ts"
import { drawLanes } from "./internal/picture.ts"
import { wrap } from "./internal/wrap.ts"

export interface TextOptions {
  readonly write: (text: string) => void
  readonly color: boolean
  /** Columns of the terminal, asked anew for each event: a window may change its size. */
  readonly width: () => number
}

/** Shows the program's lines as they come, then the verdict and a picture of what ran when. */
export const text = ({ color, width, write }: TextOptions): ((event: DemoEvent) => void) => {
  const style = paint(color)
  const print = (lines: ReadonlyArray<string>) => write(lines.map((line) => `${line}\n`).join(""))
  let lanes: Array<Lane> = []

  return (event) => {
    const columns = Math.max(20, width())
    switch (event.type) {
      case "demo-started": {
        lanes = []
        const clock = event.scale === 1 ? "" : ` · a second takes ${event.scale} s`
        const title = wrap(`${event.demo} · ${event.title}`, columns).map(style.bold)
        const article = event.article === undefined ? "" : `article: ${event.article} · `
        const about = wrap(`${article}seed ${event.seed}${clock}`, columns).map(style.dim)
        return print([...title, ...about, ""])
      }
      case "line":
        return print([event.text])
      case "note":
        return print(wrap(event.text, columns, "  ", "  ").map(style.dim))
      case "lane":
        lanes.push(event)
        return
      case "verdict":
        return print(wrap(verdictOf(event), columns, "  ").map(event.ok ? style.green : style.red))
      case "demo-ended": {
        const end = endOf(event, style)
        return print([...end, ...drawLanes(lanes, columns, style), ""])
      }
    }
  }
}

/** Shows each event as one line of JSON. */
export const json = (write: (text: string) => void): ((event: DemoEvent) => void) => {
  const encode = Schema.encodeSync(DemoEventJson)
  return (event) => write(`${encode(event)}\n`)
}

type Event<Type extends DemoEvent["type"]> = Extract<DemoEvent, { readonly type: Type }>

const verdictOf = (verdict: Event<"verdict">): string => {
  const ideal = verdict.idealMs === undefined ? "" : `, ideal ${seconds(verdict.idealMs)}`
  const times = `${seconds(verdict.elapsedMs)}${ideal}, CPU ${cpuTime(verdict.cpuMs)}`
  return `${verdict.ok ? "✓" : "✗"} ${times}: ${verdict.shown}`
}

const endOf = (event: Event<"demo-ended">, style: Paint): ReadonlyArray<string> => {
  if (event.error !== undefined)
    return event.error.split("\n").map((line, i) => style.red(i === 0 ? `✗ ${line}` : line))
  return event.outcome === "interrupted" ? [style.yellow("✗ interrupted")] : []
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const cpuTime = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : seconds(ms))
