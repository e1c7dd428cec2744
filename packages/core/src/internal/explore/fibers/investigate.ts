/**
 * What is said of a finding beyond its kind: the run is taken again by its schedule, watched, and drawn.
 *
 * @internal
 */
import type { Finding, Model } from "../Model.ts"
import { replay } from "../replay.ts"
import type { Schedule } from "../Schedule.ts"
import * as Outside from "./outside.ts"
import { model, type Program, type Watch } from "./Program.ts"
import * as Places from "./places.ts"
import * as Timeline from "./timeline.ts"

/** Each operation that is looked up takes a fraction of a millisecond; runs longer than this are not drawn in whole. */
const watchedOperations = 2000

/** The failing run and the passing one, drawn beside each other. */
export const timeline = (
  program: Program<any, any>,
  schedule: Schedule,
  passing: Schedule | undefined,
  maxSteps: number,
  heads?: Timeline.Heads
): string =>
  Places.locate((locator) => {
    const watched = (by: Schedule): Timeline.Run => {
      const { turns, watch } = record(locator)
      const { steps } = replay(model(program, { watch }), by, { maxSteps })
      return steps.map(({ agent, name }, at) => ({ agent, name, lines: turns[at] ?? [] }))
    }
    return Timeline.draw(watched(schedule), passing && watched(passing), heads)
  })

/** The lines that each step ran, those of fibers that it resumed included. */
const record = (locator: Places.Locator) => {
  const turns: Array<ReadonlyArray<Timeline.Line>> = []
  let left = watchedOperations
  let lines: Array<Timeline.Line> = []
  const watch: Watch = {
    operation: ({ id }, fiber) => {
      const place = left-- > 0 ? locator.placeOf(Places.framesOf(fiber)) : undefined
      if (place !== undefined) lines.push({ agent: id, text: `${Places.shortly(place)}  ${place.text ?? ""}` })
    },
    stepped: () => {
      turns.push(lines)
      lines = []
    }
  }
  return { turns, watch }
}

/** A deadlock in which something outside may still happen is none: nothing here could know. */
export const orEscape = (finding: Finding, model: Model, schedule: Schedule, maxSteps: number): Finding => {
  if (finding.kind !== "deadlock") return finding
  const outside = Outside.startedBy(() => replay(model, schedule, { maxSteps }))
  if (outside.length === 0) return finding
  const things = outside.map(({ at, type }) => `  ${type}${at === undefined ? "" : `, started at ${at}`}`)
  return {
    kind: "escape",
    get message() {
      return [
        "the program waits for something that Explore does not control:",
        ...things,
        "give it a service that a test can replace, and Effect.sleep for timers",
        finding.message
      ].join("\n")
    }
  }
}
