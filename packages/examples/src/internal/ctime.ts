/**
 * A time as C's `ctime` writes it, and the article's programs print it: `Fri Jan  5 22:44:25 2018`.
 *
 * @internal
 */
export const formatCtime = (epochMs: number, timeZone: string | undefined): string => {
  const parts: Record<string, string> = {}
  for (const { type, value } of formatter(timeZone).formatToParts(epochMs)) parts[type] = value
  const time = `${parts["hour"]}:${parts["minute"]}:${parts["second"]}`
  return `${parts["weekday"]} ${parts["month"]} ${parts["day"]?.padStart(2)} ${time} ${parts["year"]}`
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
