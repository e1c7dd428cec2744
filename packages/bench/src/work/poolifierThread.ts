import { type TaskFunctions, ThreadWorker } from "poolifier"
import * as functions from "./functions.ts"

export const worker = new ThreadWorker({ ...functions } as TaskFunctions)
