/** Piscina's way to call a task, which Tinypool has kept. */
import { fileURLToPath } from "node:url"
import { beside } from "../beside.ts"
import { ofPromises, type TaskPool } from "./TaskPool.ts"

/** What their workers run. */
export const filename = fileURLToPath(beside(import.meta.url, "../work/functions"))

interface PiscinaLike {
  /** Of what to transfer their types say less than their documentation: an array it is. */
  run(input: unknown, options: object): Promise<unknown>
  destroy(): Promise<unknown>
}

/** `threads`: what they run on can be sent bytes for good. */
export const ofPiscina = (pool: PiscinaLike, threads: boolean): TaskPool =>
  ofPromises({
    run: (name, input) => pool.run(input, { name }),
    ...(threads
      ? { transfer: (bytes) => pool.run(bytes, { name: "touch", transferList: [bytes.buffer] }) }
      : undefined),
    begin: (name, input) => {
      const controller = new AbortController()
      const settled = pool.run(input, { name, signal: controller.signal }).catch(() => "aborted")
      return () => {
        controller.abort()
        return settled
      }
    },
    stop: () => pool.destroy()
  })
