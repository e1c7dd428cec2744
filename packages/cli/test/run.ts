/** Runs the real command, as a shell would. */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

export const start = (
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
