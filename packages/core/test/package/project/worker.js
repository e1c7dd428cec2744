import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { Sums } from "./tasks.js"

WorkerMain.run(Sums, Sums.toLayer({ Add: ({ a, b }) => Effect.succeed(a + b) }))
