/** What each process of `process-manager` runs: counts the words of a line in a dictionary that all of them share. */
import * as Manager from "@ropewalk/core/Manager"
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Shared, Tasks } from "./process-manager.tasks.ts"

const handlers = Tasks.toLayer({
  CountWords: Effect.fnUntraced(
    function* ({ line, manager }) {
      const { lines, words } = yield* Manager.connect(Shared, manager)
      yield* lines.append(`${process.pid}: ${line}`)
      for (const word of line.split(" ")) {
        // Atomic: two processes that meet the same word both count.
        yield* words.update(word, (count) => Option.getOrElse(count, () => 0) + 1)
      }
    },
    Effect.scoped,
    Effect.orDie
  )
})

WorkerMain.run(Tasks, handlers)
