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
      const all: Array<unknown> = []
      for (const results of chunks) for (const result of results) all.push(result)
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
