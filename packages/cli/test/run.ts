/** Runs the real command, as a shell would. */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

const start = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): ChildProcessByStdio<null, Readable, Readable> =>
  spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, NO_COLOR: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Far above what any of them takes: a command that hangs must not hang its test.
    timeout: 20_000,
    killSignal: "SIGKILL"
  })

export const ropewalk = async (args: ReadonlyArray<string>, env?: Readonly<Record<string, string>>) => {
  const child = start(args, env)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  return { code, stdout, stderr, lines: stdout.trimEnd().split("\n") }
}

/** Starts a command and waits for a line of its output. */
export const startUntil = async (
  args: ReadonlyArray<string>,
  pattern: RegExp,
  env?: Readonly<Record<string, string>>
) => {
  const child = start(args, env)
  let stdout = ""
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      stdout += chunk
      if (pattern.test(stdout)) resolve()
    })
    child.once("close", () => reject(new Error(`ended before ${pattern}: ${stdout}`)))
  })
  const ended = once(child, "close")
  const stderr = text(child.stderr)
  return { child, end: async () => ({ code: (await ended)[0], stdout, stderr: await stderr }) }
}
