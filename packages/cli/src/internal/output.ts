/**
 * The terminal this process writes to. It is asked before the command line is parsed, since what is wrong with the command
 * line is shown by the same rules.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

interface Environment {
  readonly COLUMNS?: string
  readonly NO_COLOR?: string
  readonly ROPEWALK_DEBUG?: string
  readonly TERM?: string
}

const env: Environment = process.env

/** Nobody reads our output any more. @internal */
export class BrokenPipe extends Schema.TaggedError<BrokenPipe>()("BrokenPipe", {}) {}

/** Our output could not be written: the disk is full, or the like. @internal */
export class OutputFailed extends Schema.TaggedError<OutputFailed>()("OutputFailed", { detail: Schema.String }) {
  override get message(): string {
    return `the output can't be written: ${this.detail}`
  }
}

/** Columns of the terminal; 80 where there is none, or one that doesn't know and says 0. @internal */
export const width = (): number => process.stdout.columns || Number(env.COLUMNS) || 80

/** Whether to use colours: only on a terminal, and only if nothing says no (https://no-color.org). @internal */
export const color = (): boolean =>
  process.stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb" && !process.argv.includes("--no-color")

/** Whether somebody sits before a terminal and waits. @internal */
export const isWatched = (): boolean =>
  process.stdout.isTTY === true && process.stderr.isTTY === true && env.TERM !== "dumb"

/** Whether errors are shown with stacks. @internal */
export const wantsStacks = (): boolean => Boolean(env.ROPEWALK_DEBUG)

/** Writes at once: what one call writes is never mixed with what another writes. @internal */
export const write = (text: string): void => {
  process.stdout.write(text)
}

/** Fails when our output can't be written any more, and never succeeds. @internal */
export const lost = Effect.callback<never, BrokenPipe | OutputFailed>((resume) => {
  const onError = ({ code, message }: NodeJS.ErrnoException) => {
    resume(Effect.fail(code === "EPIPE" ? new BrokenPipe() : new OutputFailed({ detail: message })))
  }
  // Stays when this effect is over: a finalizer may still print, and an error nobody listens to would end the process.
  process.stdout.on("error", onError)
  process.stderr.on("error", onError)
})
