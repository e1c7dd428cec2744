import { ClusterWorker, type TaskFunctions } from "poolifier"
import * as functions from "./functions.ts"

export const worker = new ClusterWorker({ ...functions } as TaskFunctions)
