/** The tasks, as plain functions: every contender runs these, by these names. */

export const add = ({ a, b }: { readonly a: number; readonly b: number }): number => a + b

export const increment = (n: number): number => n + 1

/** For those whose users make the chunks themselves. */
export const incrementAll = (numbers: ReadonlyArray<number>): ReadonlyArray<number> => numbers.map((n) => n + 1)

export const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))

/** Computes for so many milliseconds by the clock. */
export const busy = (millis: number): number => {
  const end = performance.now() + millis
  while (performance.now() < end);
  return millis
}

/** Looks at both ends of the bytes, so that they have arrived. */
export const touch = (bytes: Uint8Array): number => (bytes[0] ?? 0) + (bytes.at(-1) ?? 0)

export const spin = (): void => {
  for (;;);
}

const echo = <A>(value: A): A => value

/** One function for each shape that is echoed: a typed contender has a schema for each. */
export const echo1 = echo<Readonly<Record<string, unknown>>>
export const echo10 = echo<Readonly<Record<string, unknown>>>
export const echo100 = echo<Readonly<Record<string, unknown>>>
export const echoText = echo<string>
