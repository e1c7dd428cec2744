/** All cases, in the order in which they are run and shown. */
import type { Case } from "../Case.ts"
import { aloneProcesses, aloneThreads } from "./alone.ts"
import { floodProcesses, floodThreads } from "./flood.ts"

export const cases: ReadonlyArray<Case> = [floodThreads, aloneThreads, floodProcesses, aloneProcesses]
