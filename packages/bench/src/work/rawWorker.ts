/**
 * A worker thread without a pool: the least that a message can cost. It answers each message `[task, inputs]` with one
 * message of all results.
 */
import { parentPort } from "node:worker_threads"
import * as functions from "./functions.ts"

const tasks = functions as unknown as Record<string, (input: unknown) => unknown>

parentPort?.on("message", ([task, inputs]: [string, ReadonlyArray<unknown>]) => {
  parentPort?.postMessage(inputs.map((input) => tasks[task]?.(input)))
})
