/** What each thread or process of `crawl` runs. */
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { handlers } from "../internal/crawl/parsing.ts"
import { Parsing } from "./crawl.tasks.ts"

// As a parser in native code may, that comes across what it has never seen.
const crash = Effect.sync(() => process.exit(70))

WorkerMain.run(
  Parsing,
  handlers(() => crash)
)
