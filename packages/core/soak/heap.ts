/** The program's heap after a full collection, and whether it grows from one episode to the next. */
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const megabyte = 1024 * 1024

/** Where V8 keeps what it compiles, which is more the longer it runs, and is no object of anybody's. */
const ofCode = /code|trusted/

/** MiB that are in use by objects, and nothing of it garbage. */
export const heapInUse = (): number => {
  collect()
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !ofCode.test(space_name))
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0) / megabyte
}

export interface Growth {
  /** MiB an episode: the median of the slopes between any two of them, which a few outliers don't move (Theil and Sen). */
  readonly perEpisode: number
  /** Whether it is more than what feedback for compiled code takes. */
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
