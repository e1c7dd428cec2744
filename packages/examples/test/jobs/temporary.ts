/** A folder of a test's own, which is also where its program makes its temporary files. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"

export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => {
    const before = process.env["TMPDIR"]
    const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"))
    process.env["TMPDIR"] = folder
    return { folder, before }
  }),
  ({ before, folder }) =>
    Effect.sync(() => {
      if (before === undefined) delete process.env["TMPDIR"]
      else process.env["TMPDIR"] = before
      rmSync(folder, { recursive: true })
    })
).pipe(Effect.map(({ folder }) => folder))

/** All that is in a folder, with what is in its folders. */
export const contentOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true }).map(String).sort()
