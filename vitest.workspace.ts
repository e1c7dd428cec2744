import { defineConfig } from "vitest/config"

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
