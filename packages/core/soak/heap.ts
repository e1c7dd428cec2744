/** The program's heap after a full collection, and whether it grows from one episode to the next. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const megabyte = 1024 * 1024

/** MiB that are in use, and nothing of it garbage. */
export const heapInUse = (): number => {
  collect()
  return process.memoryUsage().heapUsed / megabyte
}

export interface Growth {
  /** MiB an episode: the median of the slopes between any two of them, which a few outliers don't move (Theil and Sen). */
  readonly perEpisode: number
  /** Whether it is more than what compiled code and its feedback take. */
  readonly grows: boolean
}

/** At the least so many episodes show a trend. The first third warms up: code is loaded and compiled. */
const fewest = 12

/** MiB in all of the episodes that count: less is no trend. */
const noise = 1

export const growthOf = (heaps: ReadonlyArray<number>): Growth => {
  const warm = heaps.slice(Math.floor(heaps.length / 3))
  const slopes = warm
    .flatMap((from, i) => warm.slice(i + 1).map((to, j) => (to - from) / (j + 1)))
    .sort((a, b) => a - b)
  const perEpisode = slopes[slopes.length >> 1] ?? 0
  return { perEpisode, grows: heaps.length >= fewest && perEpisode * warm.length > noise }
}
