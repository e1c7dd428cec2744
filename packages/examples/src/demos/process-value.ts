/** The article's Value: four workers count to 10,000 each in one shared number, on threads and on processes. */
import * as Manager from "@ropewalk/core/Manager"
import * as ProcessPool from "@ropewalk/core/ProcessPool"
import * as SharedValue from "@ropewalk/core/SharedValue"
import * as ThreadPool from "@ropewalk/core/ThreadPool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { lane, verdict } from "../internal/Stage.ts"
import { ProcessTasks, Shared, ThreadTasks } from "./process-value.tasks.ts"

const workers = [1, 2, 3, 4]
const times = 10_000
const size = workers.length

/** Counts without care and with it, and says what came of it. */
const compare = <E, R>(place: string, count: (careful: boolean) => Effect.Effect<number, E, R>) =>
  Effect.forEach([false, true], (careful) => {
    const how = careful ? "add" : "get, set"
    return count(careful).pipe(
      lane(`${place}: ${how}`),
      Effect.tap((counted) => Console.log(`${size} ${place} × ${times} increments by ${how}: ${counted}`))
    )
  })

const onThreads = Effect.gen(function* () {
  const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-value.thread"))
  const pool = yield* ThreadPool.make(ThreadTasks, { worker, size })
  return yield* compare("threads", (careful) =>
    Effect.gen(function* () {
      const counter = yield* SharedValue.make("int32", 0)
      const tasks = workers.map(() => ({ counter, times, careful }))
      yield* pool.map("Count", tasks)
      return yield* counter.get
    })
  )
})

/** Processes share no memory: the number is in a manager here, and every increment is a message. */
const onProcesses = Effect.gen(function* () {
  const worker = new URL(import.meta.resolve("@ropewalk/examples/demos/process-value.process"))
  const pool = yield* ProcessPool.make(ProcessTasks, { worker, size })
  const { address, proxies } = yield* Manager.make(Shared)
  const tasks = (careful: boolean) => workers.map(() => ({ manager: address, times, careful }))
  return yield* compare("processes", (careful) =>
    proxies.counter.set(0).pipe(Effect.andThen(pool.map("Count", tasks(careful))), Effect.andThen(proxies.counter.get))
  )
})

export const run = Effect.gen(function* () {
  const counted = [...(yield* Effect.scoped(onThreads)), ...(yield* Effect.scoped(onProcesses))]
  const [lostByThreads = 0, byThreads, lostByProcesses = 0, byProcesses] = counted.map((n) => size * times - n)
  yield* verdict({
    shown: `get and then set lost ${lostByThreads} and ${lostByProcesses} updates; an atomic add loses none, without a lock`,
    ok: lostByThreads > 0 && lostByProcesses > 0 && byThreads === 0 && byProcesses === 0
  })
})
