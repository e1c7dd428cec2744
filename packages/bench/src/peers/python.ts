/** Python's pools, where there is a `python3`: a script times itself, and answers one line a measurement. */
import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Contender } from "../Case.ts"

const script = fileURLToPath(new URL("../../src/peers/python.py", import.meta.url))

export type PythonPool = "Pool" | "ProcessPoolExecutor" | "ThreadPoolExecutor"
export type PythonCall = "apply" | "apply_async" | "imap_unordered" | "map" | "submit" | "submit, one by one"

interface PythonSession {
  /** Seconds for so many calls. */
  readonly measure: (how: PythonCall, task: "add" | "increment", inputs: number) => Promise<number>
  readonly stop: () => Promise<unknown>
}

/** "3.11.7", or `null` where there is no Python. */
export const pythonVersion = (): string | null => {
  const { status, stdout } = spawnSync("python3", ["--version"], { encoding: "utf8" })
  return status === 0 ? stdout.replace("Python", "").trim() : null
}

const startPython = (pool: PythonPool, workers: number): PythonSession => {
  const child = spawn("python3", [script], { stdio: ["pipe", "pipe", "inherit"] })
  const exited = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(new Error("python3 does not start", { cause })))
    child.once("exit", (code, signal) => reject(new Error(`python3 ended: ${code ?? signal}`)))
  })
  // Who waits for an answer hears of the end; when nobody waits, it is the end that was asked for.
  exited.catch(() => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    measure: async (how, task, inputs) => {
      child.stdin.write(`${JSON.stringify({ pool, how, task, inputs, workers })}\n`)
      const { value } = await Promise.race([lines.next(), exited])
      return Number(value)
    },
    // At the end of its input it takes down its pools; a kill would leave their processes behind.
    stop: () => {
      child.stdin.end()
      return exited.catch(() => undefined)
    }
  }
}

/** Python as a contender of a case that counts the microseconds of one task. */
export const pythonContender = (
  pool: PythonPool,
  how: PythonCall,
  work: { readonly task: "add" | "increment"; readonly metric: string; readonly count: (quick: boolean) => number }
): Contender => ({
  name: `Python ${pool === "Pool" ? "multiprocessing.Pool" : pool}, ${how}`,
  role: "python",
  start: async ({ quick, workers }) => {
    const session = startPython(pool, workers)
    const count = work.count(quick)
    await session.measure(how, work.task, Math.ceil(count / 20))
    return {
      round: async () => ({ [work.metric]: ((await session.measure(how, work.task, count)) / count) * 1e6 }),
      stop: session.stop
    }
  }
})
