/** The process of one case: `runCase.ts` starts it, and hears of each sample as it is taken. */
import { cases } from "./cases/cases.ts"
import { type MeasureOptions, measure, type Progress } from "./measure.ts"

const [name, options] = JSON.parse(process.argv[2] as string) as [string, MeasureOptions]
const chosen = cases.find((one) => one.name === name)
if (chosen === undefined || !process.connected) throw new Error("This file is run by runCase.ts")

const report = (progress: Progress) => void process.send?.(progress)
// A peer that rejects behind its caller's back does not end the others; its own measurement shows what it did.
process.on("unhandledRejection", (cause) => console.error(cause))

await measure(chosen, options, report)
// What has hung stays behind: the exit, and the kill of this process's group, end it.
process.disconnect?.()
process.exit()
