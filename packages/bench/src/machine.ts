/** Where the figures come from: the machine, and the versions of all who took part. */
import { readFileSync } from "node:fs"
import { availableParallelism, cpus, totalmem } from "node:os"
import { pythonVersion } from "./peers/python.ts"
import type { Machine } from "./Result.ts"

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  python: pythonVersion()
})

interface Manifest {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest: Manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

const peers = ["effect", "piscina", "tinypool", "workerpool", "poolifier", "jest-worker"] as const

/** Versions are pinned: what package.json says is what runs. */
export const versions = (): Readonly<Record<string, string>> => {
  const pinned: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.devDependencies }
  return {
    "@ropewalk/core": manifest.version,
    ...Object.fromEntries(peers.map((name) => [name, pinned[name] ?? ""]))
  }
}
