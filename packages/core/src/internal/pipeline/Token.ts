/**
 * The lineage of an element that passed a checkpoint: how many elements that were made of it are still in the pipeline. When
 * none is, what the token was made for is done.
 *
 * `map` passes the token on, `filter` releases it, `flatMap` retains it once for each element it makes; what is made of
 * several elements (`batch`, `reduce`) has one token that holds all of theirs.
 *
 * @internal
 */
export class Token {
  private held = 1
  private readonly onDone: () => void

  constructor(onDone: () => void) {
    this.onDone = onDone
  }

  /** As many more elements carry it. */
  retain(count: number): void {
    this.held += count
  }

  /** An element that carried it is no more. */
  release(): void {
    if (--this.held === 0) this.onDone()
  }
}

interface Carrier {
  readonly token: Token | undefined
}

/** The one token of what is made of many. */
export const joinTokens = (carriers: ReadonlyArray<Carrier>): Token | undefined => {
  const tokens = carriers.flatMap(({ token }) => (token === undefined ? [] : [token]))
  if (tokens.length === 0) return undefined
  return new Token(() => {
    for (const token of tokens) token.release()
  })
}
