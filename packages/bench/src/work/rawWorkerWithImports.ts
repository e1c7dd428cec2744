/** The raw worker, after it has loaded all that the worker of a group pool loads. */
import "@ropewalk/core/WorkerMain"
import "./handlers.ts"
import "./rawWorker.ts"
