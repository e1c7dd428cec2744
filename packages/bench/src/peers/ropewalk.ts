/** Ropewalk's own pools: of a group with schemas, and of a plain module. */
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Transfer from "@ropewalk/core/Transfer"
import * as Effect from "effect/Effect"
import { beside } from "../beside.ts"
import type * as functions from "../work/functions.ts"
import { Work } from "../work/group.ts"
import { acquire, ofEffects, type PoolEntry, type TaskName, type TaskPool } from "./TaskPool.ts"

const worker = beside(import.meta.url, "../work/ropewalkWorker")
const module = beside(import.meta.url, "../work/functions")

type Run = (task: TaskName, input: unknown) => Effect.Effect<unknown, unknown>
type MapAll = (task: TaskName, inputs: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<unknown>, unknown>

/** An interrupted task has no time to end by itself: the case is about the force that follows. */
const grace = "0 millis"

/** To a process they are copied. */
const moved = (bytes: Uint8Array<ArrayBuffer>) => Transfer.move(bytes, [bytes.buffer])

const ofGroup =
  (make: typeof ThreadPool.make) =>
  async (size: number): Promise<TaskPool> => {
    const { value: pool, close } = await acquire(make(Work, { worker, size, grace }))
    // The cases name their tasks by a variable: what goes with which is the group's to check, not the compiler's.
    return ofEffects({
      run: pool.run as unknown as Run,
      map: pool.map as unknown as MapAll,
      transfer: (bytes) => Effect.runPromise(pool.run("touch", moved(bytes))),
      stop: close
    })
  }

const ofModule =
  (make: typeof ThreadPool.module) =>
  async (size: number): Promise<TaskPool> => {
    const { value: pool, close } = await acquire(make<typeof functions>(module, { size, grace }))
    const methods = pool as unknown as Record<TaskName, (input: unknown) => Effect.Effect<unknown, unknown>>
    return ofEffects({
      run: (task, input) => methods[task](input),
      transfer: (bytes) => Effect.runPromise(methods.touch(moved(bytes))),
      stop: close
    })
  }

export const threads: PoolEntry = { name: "Ropewalk ThreadPool", role: "ours", start: ofGroup(ThreadPool.make) }

export const threadModule: PoolEntry = {
  name: "Ropewalk ThreadPool.module",
  role: "ours",
  start: ofModule(ThreadPool.module)
}

export const processes: PoolEntry = { name: "Ropewalk ProcessPool", role: "ours", start: ofGroup(ProcessPool.make) }

export const processModule: PoolEntry = {
  name: "Ropewalk ProcessPool.module",
  role: "ours",
  start: ofModule(ProcessPool.module)
}
