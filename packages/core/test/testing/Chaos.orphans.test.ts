/** A worker that stands still outlives nobody. */

import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

describe.skipIf(process.platform !== "linux")("a program that is killed while its worker stands still", () => {
  const stateOf = (pid: number): string | undefined => {
    try {
      return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    } catch {
      return undefined
    }
  }

  const until = (pid: number, holds: (state: string | undefined) => boolean) =>
    Effect.sync(() => holds(stateOf(pid))).pipe(
      Effect.repeat({ until: (held) => held, schedule: Schedule.spaced("20 millis") })
    )

  it.live("leaves no process behind", () =>
    Effect.gen(function* () {
      const program = fileURLToPath(new URL("../fixtures/chaosProgram.ts", import.meta.url))
      const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
      const pid = yield* Effect.callback<number>((resume) => {
        child.stdout.once("data", (line: Buffer) => resume(Effect.succeed(Number(line.toString()))))
      })
      yield* until(pid, (state) => state === "T")
      child.kill("SIGKILL")
      yield* until(pid, (state) => state === undefined || state === "Z")
    })
  )
})
