import * as WorkerMain from "@ropewalk/core/WorkerMain"
import { Work } from "./group.ts"
import { handlers } from "./handlers.ts"

WorkerMain.run(Work, handlers)
