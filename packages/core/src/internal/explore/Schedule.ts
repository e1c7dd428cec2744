/**
 * A schedule is the list of choices of a run: which agent went on wherever more than one could. As text it is short,
 * made of letters, digits, `-` and `.`, so that it needs no quotes in a shell: `x1-0-1.3-0` is agent 0, then agent 1
 * three times, then agent 0; numbers are in base 36, `x1` is the version.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

export type Schedule = ReadonlyArray<number>

/** A text that no schedule was written as. */
export class ScheduleInvalid extends Schema.TaggedError<ScheduleInvalid>()("ScheduleInvalid", {
  text: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    const shown = this.text.length > 60 ? `${this.text.slice(0, 57)}...` : this.text
    return `"${shown}" is not a schedule: ${this.reason}; copy the whole line of the report`
  }
}

const version = "x1"

/** More than any run makes: a text with a huge count must not fill the memory. */
const longest = 1_000_000

export const format = (schedule: Schedule): string => {
  const parts = [version]
  for (let from = 0; from < schedule.length; ) {
    const agent = schedule[from]!
    let until = from + 1
    while (schedule[until] === agent) until++
    const count = until - from
    parts.push(count === 1 ? agent.toString(36) : `${agent.toString(36)}.${count.toString(36)}`)
    from = until
  }
  return parts.join("-")
}

export const parse = (text: string): Result.Result<Schedule, ScheduleInvalid> => {
  const invalid = (reason: string) => Result.fail(new ScheduleInvalid({ text, reason }))
  const [prefix, ...parts] = text.trim().split("-")
  if (prefix !== version) return invalid(`it does not begin with ${version}`)
  const schedule: Array<number> = []
  for (const part of parts) {
    // At most six digits: two thousand million.
    const match = /^([0-9a-z]{1,6})(?:\.([0-9a-z]{1,6}))?$/.exec(part)
    if (match === null) return invalid(`it has "${part}" where an agent was expected`)
    const count = match[2] === undefined ? 1 : Number.parseInt(match[2], 36)
    if (count === 0) return invalid(`"${part}" counts to zero`)
    if (schedule.length + count > longest) return invalid(`it makes more than ${longest} choices`)
    const agent = Number.parseInt(match[1]!, 36)
    for (let i = 0; i < count; i++) schedule.push(agent)
  }
  return Result.succeed(schedule)
}
