/** What each process of `process-value` runs. */
import * as Manager from "@ropewalk/core/Manager"
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { ProcessTasks, Shared } from "./process-value.tasks.ts"

const handlers = ProcessTasks.toLayer({
  Count: Effect.fnUntraced(
    function* ({ careful, manager, times }) {
      const { counter } = yield* Manager.connect(Shared, manager)
      const careless = Effect.flatMap(counter.get, (value) => counter.set(value + 1))
      // Each is a message and its answer: many under way at a time are faster, and no less right or wrong.
      const increment = careful ? Effect.asVoid(counter.add(1)) : careless
      yield* Effect.all(Effect.replicate(increment, times), { concurrency: 50, discard: true })
    },
    Effect.scoped,
    Effect.orDie
  )
})

WorkerMain.run(ProcessTasks, handlers)
