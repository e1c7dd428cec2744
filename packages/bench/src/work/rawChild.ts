/** A child process without a pool: it answers each message `[task, inputs]` with one message of all results. */
import * as functions from "./functions.ts"

const tasks = functions as unknown as Record<string, (input: unknown) => unknown>

process.on("message", ([task, inputs]: [string, ReadonlyArray<unknown>]) => {
  process.send?.(inputs.map((input) => tasks[task]?.(input)))
})
// The parent is gone: nothing else would end this process.
process.on("disconnect", () => process.exit())
