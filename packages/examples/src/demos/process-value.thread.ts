/** What each thread of `process-value` runs. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { ThreadTasks } from "./process-value.tasks.ts"

const handlers = ThreadTasks.toLayer({
  Count: ({ careful, counter, times }) => {
    // What lies between the two is where other threads get in; the yield makes sure that it is there on any machine.
    const careless = Effect.flatMap(counter.get, (value) => Effect.andThen(Effect.yieldNow, counter.set(value + 1)))
    const increment = careful ? Effect.asVoid(counter.add(1)) : careless
    return Effect.orDie(Effect.all(Effect.replicate(increment, times), { discard: true }))
  }
})

WorkerMain.run(ThreadTasks, handlers)
