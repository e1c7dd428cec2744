/** The process of one case: `runCase.ts` starts it, and hears of each sample as it is taken. */
import type { Case } from "./Case.ts"
import { type MeasureOptions, measure, type Progress } from "./measure.ts"

const [url, name, options] = JSON.parse(process.argv[2] as string) as [string, string, MeasureOptions]
const { cases } = (await import(url)) as { readonly cases: ReadonlyArray<Case> }
const chosen = cases.find((one) => one.name === name)
if (chosen === undefined || !process.connected) throw new Error("This file is run by runCase.ts")

// Whoever wanted the samples may be killed: there is nothing to go on for then, and nothing to say.
process.once("disconnect", () => process.exit(1))
const report = (progress: Progress) => void process.send?.(progress, undefined, undefined, () => {})
// Twenty pools in one process pipe their workers' output to it: no leak, and no reason to warn. Not 0 for
// any number: some peers raise the limit by one, and 1 is one.
process.stdout.setMaxListeners(1000)
process.stderr.setMaxListeners(1000)
// A peer that rejects behind its caller's back does not end the others; its own measurement shows what it did.
process.on("unhandledRejection", (cause) => console.error(cause))

await measure(chosen, options, report)
// What has hung stays behind: the exit, and the kill of this process's group, end it.
if (process.connected) process.disconnect?.()
process.exit()
