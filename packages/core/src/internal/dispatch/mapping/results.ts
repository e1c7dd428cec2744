/**
 * Where the results of a map are gathered.
 *
 * @internal
 */

export interface Results {
  readonly add: (chunk: number, index: number, results: ReadonlyArray<unknown>) => void
  readonly all: () => Array<unknown>
}

/** In the order of the inputs, whatever the order in which they came. */
export const ordered = (): Results => {
  const chunks: Array<ReadonlyArray<unknown>> = []
  return {
    add: (chunk, _, results) => {
      chunks[chunk] = results
    },
    all: () => {
      let length = 0
      for (const results of chunks) length += results.length
      // Of its length from the start: one that grows to a million is copied over and over.
      const all = new Array<unknown>(length)
      let next = 0
      for (const results of chunks) for (let index = 0; index < results.length; index++) all[next++] = results[index]
      return all
    }
  }
}

/** In the order in which they came, each with the index of its input. */
export const asCompleted = (): Results => {
  const all: Array<readonly [number, unknown]> = []
  return {
    add: (_, index, results) => {
      for (const [offset, result] of results.entries()) all.push([index + offset, result])
    },
    all: () => all
  }
}
