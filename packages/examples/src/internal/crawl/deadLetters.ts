/**
 * What a crawl could not handle, one line of JSON each.
 *
 * @internal
 */
export interface DeadLetter {
  readonly stage: string
  readonly path: string
  /** The error's tag, and for a fetch its reason's. */
  readonly error: string
  readonly message: string
  /** ISO 8601. */
  readonly at: string
}

/** By path: the order in which letters come depends on who was quicker. */
export const toLines = (letters: ReadonlyArray<DeadLetter>): string =>
  letters
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((letter) => `${JSON.stringify(letter)}\n`)
    .join("")

interface Failed {
  readonly stage: string
  readonly error: Error & { readonly _tag: string; readonly reason?: unknown }
  readonly at: number
}

export const letterOf = ({ at, error, stage }: Failed, path: string): DeadLetter => ({
  stage,
  path,
  error: hasTag(error.reason) ? `${error._tag} ${error.reason._tag}` : error._tag,
  message: error.message,
  at: new Date(at).toISOString()
})

const hasTag = (value: unknown): value is { readonly _tag: string } =>
  typeof value === "object" && value !== null && "_tag" in value
