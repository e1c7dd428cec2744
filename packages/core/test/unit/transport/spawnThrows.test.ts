/** What Node refuses to start at all. */
import { readdirSync, readlinkSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { processTransport } from "../../../src/internal/transport/processTransport.ts"

const openRingFiles = () =>
  readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("/dev/shm/ropewalk-")
    } catch {
      // The one by which the folder was read.
      return false
    }
  })

it("a process that can't be started leaves no file of rings open", () => {
  const transport = processTransport({
    kind: "module",
    worker: new URL("./none.ts", import.meta.url),
    name: "none",
    env: { NAME: "a\0b" },
    cwd: undefined,
    heapLimit: undefined,
    execArgv: undefined,
    onOutput: undefined
  })
  const events = { onMessage: () => {}, onBroken: () => {}, onRevoked: () => {}, onExit: () => {} }
  expect(() => transport.spawn({ slots: 1 } as never, events as never)).toThrow("null bytes")
  expect(openRingFiles()).toEqual([])
})
