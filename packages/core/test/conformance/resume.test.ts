/** A run with a checkpoint that is killed is taken up where it was. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { temporaryFolder } from "../support/folders.ts"

const program = fileURLToPath(new URL("../fixtures/checkpointProgram.ts", import.meta.url))

const elements = 150

/** Runs the program, which gets stuck after so many elements, and kills it then. Answers with whether it ended by itself. */
const run = (folder: string, last: number) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [program, folder, `${elements}`, `${last}`], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let lines = 0
    child.stdout.on("data", (chunk: Buffer) => {
      lines += `${chunk}`.split("\n").length - 1
      if (lines >= last) child.kill("SIGKILL")
    })
    const [code, signal] = await once(child, "close")
    assert.isTrue(signal === "SIGKILL" || code === 0, `it ended with ${code}`)
    return code === 0
  })

/** The lines of a file that end. */
const linesOf = (folder: string, file: string): ReadonlyArray<string> =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1) : []

const doneIn = (folder: string): ReadonlySet<string> =>
  new Set(
    linesOf(folder, "done")
      .slice(1)
      .map((line) => JSON.parse(line))
  )

describe("a run that is killed with SIGKILL, again and again", () => {
  it.live(
    "does only what was not done, and in the end everything",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        let resumed = 0
        for (const last of [1, 7, 30, 40, Number.POSITIVE_INFINITY]) {
          const done = doneIn(folder)
          const before = linesOf(folder, "effects").length
          const hasEnded = yield* run(folder, last)
          const effects = linesOf(folder, "effects").slice(before)
          assert.deepEqual(
            effects.filter((n) => done.has(n)),
            [],
            "what was done is not done again"
          )
          if (done.size > 0) resumed++
          assert.equal(hasEnded, last === Number.POSITIVE_INFINITY)
        }
        assert.isAbove(resumed, 0, "at least one run found something done")
        const all = Array.from({ length: elements }, (_, n) => `${n}`)
        assert.deepEqual([...new Set(linesOf(folder, "effects"))].toSorted(), all.toSorted())
        assert.deepEqual([...doneIn(folder)].toSorted(), all.toSorted())

        const before = linesOf(folder, "effects").length
        assert.isTrue(yield* run(folder, 1))
        assert.equal(linesOf(folder, "effects").length, before, "there is nothing left to do")
      }),
    60_000
  )
})
