/** `pnpm soak`, as it is run: a short soak of both places, and its command line. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import type { Summary } from "../../soak/Tally.ts"

const main = fileURLToPath(new URL("../../soak/main.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `onStderr` is told all that was printed there up to now. */
const run = (args: ReadonlyArray<string>, onStderr: (text: string, pid: number) => void = () => {}): Promise<Ended> => {
  const { promise, reject, resolve } = Promise.withResolvers<Ended>()
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], detached: true })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
    onStderr(stderr, child.pid as number)
  })
  child.once("error", reject)
  child.once("close", (code) => resolve({ code, stdout, stderr }))
  return promise
}

describe("pnpm soak", () => {
  it("5,000 tasks under every fault: none is lost", { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await run(["--tasks", "5000", "--seed", "261", "--json"])
    const summary = JSON.parse(stdout) as Summary
    expect(summary.problems).toEqual([])
    expect([code, stderr]).toEqual([0, ""])
    expect(summary.accepted).toBeGreaterThanOrEqual(5000)
    expect(summary.settled).toBe(summary.accepted)
    expect(summary.outcomes.wrong).toBe(0)
    // It was no fair weather.
    expect(summary.restarts).toBeGreaterThan(10)
    expect(Object.keys(summary.deaths)).toEqual(expect.arrayContaining(["Exited", "Uncaught"]))
  })

  it("Ctrl-C closes the pools in order, and prints the ledger so far", { timeout: 120_000 }, async () => {
    let interrupted = false
    const { code, stdout, stderr } = await run(["--minutes", "10", "--seed", "1"], (text, pid) => {
      if (interrupted || !text.includes("\n")) return
      interrupted = true
      process.kill(-pid, "SIGINT")
    })
    expect(code).toBe(130)
    expect(stdout).toMatch(/^tasks +\d+ accepted, \d+ settled, 0 lost$/m)
    expect(stdout).toContain("Nothing was lost.")
    expect(stderr).not.toMatch(/Error|^ +at /m)
  })

  it("--help says what it does", async () => {
    const { code, stdout } = await run(["--help"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: pnpm soak/)
  })

  it.each([
    [["--minutes", "soon"], '--minutes is a number above 0, not "soon"'],
    [["--minutes", "0"], '--minutes is a number above 0, not "0"'],
    [["--tasks", "1.5"], '--tasks is a whole number above 0, not "1.5"'],
    [["--seed", ""], '--seed is a whole number, not ""'],
    [["--episode", "-1"], "--episode"],
    [["--place", "moon"], '--place is thread, process or both, not "moon"'],
    [["--speed"], "--speed"],
    [["now"], "now"]
  ])("%j is refused in a line, without a stack", async (args, line) => {
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr.split("\n")[0]).toContain(line)
    expect(stderr).toContain("Usage: pnpm soak")
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
