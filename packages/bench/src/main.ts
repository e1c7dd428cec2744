/** `pnpm bench`: runs cases, prints their tables, and publishes them when told to. */
import { writeFileSync } from "node:fs"
import { cases } from "./cases/cases.ts"
import { type Command, help, isNamedIn, Mistake, parse } from "./commandLine.ts"
import { machine, versions } from "./machine.ts"
import type { CaseResult, Report } from "./Result.ts"
import { publish } from "./report/publish.ts"
import { terminalTable } from "./report/table.ts"
import { runCase } from "./runCase.ts"

const deadline = 60_000

const main = async (): Promise<void> => {
  const command = parse(process.argv.slice(2), cases)
  if (command.action === "help") console.log(help)
  else if (command.action === "list") {
    const width = Math.max(...cases.map(({ name }) => name.length))
    for (const { name, title } of cases) console.log(`${name.padEnd(width)}  ${title}`)
  } else await runAll(command)
}

const runAll = async (command: Command): Promise<void> => {
  const results: Array<CaseResult> = []
  for (const one of command.cases) {
    for (const workers of command.workers ?? one.workers) {
      const { quick, rounds } = command
      const only = one.contenders.map(({ name }) => name).filter(isNamedIn(command.contenders))
      if (only.length === 0) continue
      const result = await runCase(one, { workers, quick, rounds, deadline, only, onProgress: progress })
      progress("")
      console.log(`${terminalTable(result)}\n`)
      results.push(result)
      // After each case: an hour's run that is broken off has its results.
      save(command, { machine: machine(), versions: versions(), cases: results })
    }
  }
}

const save = ({ json, publish: isPublished }: Command, report: Report): void => {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  if (isPublished) publish(report)
}

/** One line that is written over, where somebody watches. */
const progress = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

try {
  await main()
} catch (cause) {
  if (!(cause instanceof Mistake)) throw cause
  console.error(`bench: ${cause.message}`)
  process.exitCode = 2
}
