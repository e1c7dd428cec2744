/**
 * A time as C's `ctime` writes it, and the article's programs print it: `Fri Jan  5 22:44:25 2018`.
 *
 * @internal
 */
export const formatCtime = (epochMs: number, timeZone: string | undefined): string => {
  const parts = formatter(timeZone).formatToParts(epochMs)
  const { day, hour, minute, month, second, weekday, year } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value])
  )
  return `${weekday} ${month} ${day?.padStart(2)} ${hour}:${minute}:${second} ${year}`
}

const formatter = (timeZone: string | undefined) =>
  new Intl.DateTimeFormat("en-US", {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    year: "numeric",
    hourCycle: "h23",
    ...(timeZone === undefined ? {} : { timeZone })
  })
