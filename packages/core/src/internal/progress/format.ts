/**
 * Figures as people read them at a glance: short, with a unit.
 *
 * @internal
 */

/** `1,234`, `123k`, `1.23M`: six signs at the most, up to 999 billions. */
export const formatCount = (count: number): string => {
  if (count < 100_000) return grouped.format(Math.floor(count))
  const unit = count < 999_500 ? "k" : count < 999_500_000 ? "M" : "G"
  return `${threeDigits(count / { k: 1e3, M: 1e6, G: 1e9 }[unit])}${unit}`
}

/** A second: `0.25/s`, `12/s`, `1,234/s`. */
export const formatRate = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10 ? `${threeDigits(perSecond)}/s` : `${formatCount(perSecond)}/s`

/** `0 µs`, `15 µs`, `1.23 ms`, `12.3 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export const formatMillis = (millis: number): string => {
  if (millis < 0.9995) return `${Math.round(millis * 1000)} µs`
  if (millis < 999.5) return `${threeDigits(millis)} ms`
  if (millis < 59_950) return `${threeDigits(millis / 1000)} s`
  const seconds = Math.round(millis / 1000)
  if (seconds < 3600) return inTwo(seconds, 60, "min", "s")
  const minutes = Math.round(seconds / 60)
  return minutes < 24 * 60 ? inTwo(minutes, 60, "h", "min") : inTwo(Math.round(minutes / 60), 24, "d", "h")
}

export const formatShare = (share: number): string => `${Math.round(share * 100)} %`

/** A bar of so many columns, of which a share is full. */
export const bar = (share: number, width: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const full = Math.floor(eighths / 8)
  const part = parts[eighths % 8]!
  return `${"█".repeat(full)}${part}`.padEnd(width, "░")
}

const parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const

const grouped = new Intl.NumberFormat("en-US")

const threeDigits = (value: number): string => {
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  const text = value.toFixed(digits)
  return digits === 0 ? text : text.replace(/\.?0+$/, "")
}

const inTwo = (value: number, per: number, larger: string, smaller: string): string =>
  `${Math.floor(value / per)} ${larger}${value % per === 0 ? "" : ` ${value % per} ${smaller}`}`
