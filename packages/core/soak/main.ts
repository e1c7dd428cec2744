/**
 * `pnpm soak`: pools under every fault, and the ledger of what became of their tasks. See README.md.
 *
 * | code | meaning |
 * | --- | --- |
 * | 0 | nothing was lost |
 * | 1 | something went wrong, and the last line says how to see it again |
 * | 2 | the command line is wrong |
 * | 130 | Ctrl-C: pools closed in order, the ledger so far printed |
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Options, parseOptions, usage } from "./options.ts"
import { table } from "./report.ts"
import { soak } from "./soak.ts"
import { Tally } from "./Tally.ts"

const run = (options: Options): void => {
  const tally = new Tally()
  const progress = (line: string) => void (options.json || process.stderr.write(`${line}\n`))
  const print = Effect.sync(() => {
    const summary = tally.summary()
    if (summary.heap.grows)
      tally.problems.push(`the heap grows by ${(summary.heap.perEpisode * 1024).toFixed(0)} KiB a pool`)
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ seed: options.seed, ...summary }, undefined, 2)}\n`
        : table(options.seed, summary)
    )
  })
  Effect.ensuring(soak(options, tally, progress), print).pipe(
    NodeRuntime.runMain({
      teardown: (exit, onExit) => onExit(tally.problems.length > 0 ? 1 : Exit.isSuccess(exit) ? 0 : 130)
    })
  )
}

const options = parseOptions(process.argv.slice(2))
if (options === "help") process.stdout.write(usage)
else if ("problem" in options) {
  process.stderr.write(`${options.problem}\n\n${usage}`)
  process.exitCode = 2
} else run(options)
