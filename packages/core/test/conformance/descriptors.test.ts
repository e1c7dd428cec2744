import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"

const main = fileURLToPath(new URL("../fixtures/descriptors/main.ts", import.meta.url))

it("a program without a descriptor left hears why no process starts, and goes on when it has some", async () => {
  const { stdout } = await promisify(execFile)("sh", ["-c", `ulimit -n 100; exec "$0" "$1"`, process.execPath, main])
  const { after, before, cause, tag } = JSON.parse(stdout)
  expect([before, tag, after]).toEqual([42, "WorkerStartFailed", 42])
  expect(cause).toMatch(/files open|EMFILE/)
})
