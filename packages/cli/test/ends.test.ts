/** How the command ends when something from outside ends it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { text } from "node:stream/consumers"
import { assert, describe, it } from "vitest"
import { bin, startUntil } from "./run.ts"

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe("signals", () => {
  it("Ctrl-C ends with 130, runs finalizers, shows no stack", async () => {
    const { child, end } = await startUntil(["demo", "rankings"], /on Amazon/)
    child.kill("SIGINT")
    const { code, stderr, stdout } = await end()
    assert.strictEqual(code, 130)
    assert.strictEqual(stderr, "")
    assert.include(stdout, "all done at:")
    assert.include(stdout, "✗ interrupted")
  })

  it("Ctrl-C leaves no process", async () => {
    const { child, end } = await startUntil(["demo", "process-pool"], /Run task 0 \(\d+\)/)
    child.kill("SIGINT")
    const { code, stdout } = await end()
    assert.strictEqual(code, 130)
    const worker = Number(/Run task 0 \((\d+)\)/.exec(stdout)?.[1])
    assert.isAbove(worker, 0)
    assert.isFalse(isAlive(worker))
  })

  it("SIGTERM ends with 143", async () => {
    const { child, end } = await startUntil(["demo", "sequential"], /start loop 0/)
    child.kill("SIGTERM")
    assert.strictEqual((await end()).code, 143)
  })
})

describe("a full disk", () => {
  it.skipIf(!existsSync("/dev/full"))("ends the command with 1, and says so", async () => {
    const shell = spawn("bash", ["-c", `"${process.execPath}" "${bin}" demo sequential --scale 0.05 > /dev/full`], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 20_000
    })
    const [stderr, [code]] = await Promise.all([text(shell.stderr), once(shell, "close")])
    assert.match(stderr, /^ropewalk: the output can't be written: ENOSPC.*\n$/)
    assert.strictEqual(code, 1)
  })
})

describe("a reader that goes away", () => {
  it("ends the command quietly, as SIGPIPE would", async () => {
    const command = `"${process.execPath}" "${bin}" demo sequential thread-raw --scale 0.05 | head -1; echo "$\{PIPESTATUS[0]}"`
    const shell = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 })
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    assert.strictEqual(stdout, "sequential · One thing after the other\n141\n")
    assert.strictEqual(stderr, "")
  })
})
