/**
 * The names that somebody who typed this may have meant: those that contain it, else those that are fewest edits away and
 * not more than a third of its length. Capital letters don't count.
 *
 * @internal
 */
export const nearest = (input: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const typed = input.toLowerCase()
  const containing = names.filter((name) => typed.length > 2 && name.includes(typed))
  if (containing.length > 0) return containing
  const distances = names.map((name) => edits(typed, name))
  const least = Math.min(...distances)
  return least > Math.max(2, typed.length / 3) ? [] : names.filter((_, i) => distances[i] === least)
}

/** Levenshtein's distance: how many letters to insert, remove or replace. */
const edits = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replace, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
