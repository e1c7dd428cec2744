/** Short ways to search all schedules of a model, and to read what one of them does. */
import { exhaustive } from "../../../src/internal/explore/exhaustive.ts"
import { explore } from "../../../src/internal/explore/explore.ts"
import type { Model } from "../../../src/internal/explore/Model.ts"
import { replay } from "../../../src/internal/explore/replay.ts"
import { type Program, words } from "../../../src/internal/explore/words.ts"

/** What is found on all schedules, or on all up to so many preemptions. */
export const everySchedule = (program: Program<string>, preemptions?: number) =>
  explore(words(program), {
    strategy: exhaustive(preemptions === undefined ? {} : { preemptions }),
    schedules: Number.POSITIVE_INFINITY
  })

/** Nothing, and nothing is left to try. */
export const clean = { finding: undefined, complete: true }

/** The steps of a schedule in text. */
export const story = (program: Program<string>, schedule: ReadonlyArray<number>) => {
  const model: Model = words(program)
  return replay(model, schedule).steps.map(({ description, name }) => `${name}: ${description}`)
}
