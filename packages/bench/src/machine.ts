/** Where the figures come from: the machine, and the versions of all who took part. */
import { availableParallelism, cpus, totalmem } from "node:os"
import packageJson from "../package.json" with { type: "json" }
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

const peers = ["effect", "piscina", "tinypool", "workerpool", "poolifier", "jest-worker"] as const

/** Versions are pinned: what package.json says is what runs. */
export const versions = (): Readonly<Record<string, string>> => {
  const pinned: Readonly<Record<string, string>> = { ...packageJson.dependencies, ...packageJson.devDependencies }
  return {
    "@ropewalk/core": packageJson.version,
    ...Object.fromEntries(peers.map((name) => [name, pinned[name] ?? ""]))
  }
}
