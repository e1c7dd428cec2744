import { join } from "node:path"
import { defineConfig } from "vitest/config"

// Most of a test's time is the start of threads and processes, and most of that is the compilation of Effect: Node keeps what
// it has compiled here, for the next one.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled")

// One project a package, so that `vitest --project core` runs that package alone.
const project = (name: string, root = `packages/${name}`) => ({
  extends: true as const,
  test: {
    name,
    root,
    include: ["test/**/*.test.ts"]
  }
})

export default defineConfig({
  test: {
    // Tests start real threads and processes: more files at once than cores only makes them wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    maxConcurrency: 2,
    allowOnly: false,
    projects: [project("core"), project("examples"), project("cli"), project("bench"), project("scripts", "scripts")]
  }
})
