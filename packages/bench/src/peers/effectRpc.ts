/** The worker pool of `effect/rpc`: the same group and handlers as ours, with as many calls a worker as it is told. */
import { fork } from "node:child_process"
import { Worker } from "node:worker_threads"
import * as NodeWorker from "@effect/platform-node/NodeWorker"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcClient from "effect/rpc/RpcClient"
import { beside } from "../beside.ts"
import { Work } from "../work/group.ts"
import { acquire, ofEffects, type PoolEntry, type TaskName } from "./TaskPool.ts"

const worker = beside(import.meta.url, "../work/effectRpcWorker")

type Client = Record<TaskName, (input: unknown) => Effect.Effect<unknown, unknown>>

const effectRpc = (place: "threads" | "processes", concurrency: number): PoolEntry => ({
  name: `effect/rpc workers${place === "threads" ? "" : ", forked"}, ${
    concurrency === Number.POSITIVE_INFINITY
      ? "any number of calls"
      : `${concurrency} call${concurrency === 1 ? "" : "s"}`
  } a worker`,
  role: "peer",
  start: async (workers) => {
    const spawn = () => (place === "threads" ? new Worker(worker) : fork(worker))
    const protocol = RpcClient.layerProtocolWorker({ size: workers, concurrency }).pipe(
      Layer.provide(NodeWorker.layer(spawn))
    )
    const client = Effect.gen(function* () {
      const context = yield* Layer.build(protocol)
      return yield* Effect.provideContext(RpcClient.make(Work), context)
    })
    const { value, close } = await acquire(client)
    const calls = value as unknown as Client
    return ofEffects({ run: (task, input) => calls[task](input), stop: close })
  }
})

export const effectRpc1 = effectRpc("threads", 1)
export const effectRpc32 = effectRpc("threads", 32)
export const effectRpcAny = effectRpc("threads", Number.POSITIVE_INFINITY)
export const effectRpcProcesses32 = effectRpc("processes", 32)
