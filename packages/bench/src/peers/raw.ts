/**
 * The raw mechanism as a pool: threads and forked children that take messages, nothing kept about a task but its place in
 * the line. Shows what is possible; no pool can be faster by the same mechanism, only by a better one.
 */
import { type ChildProcess, fork, type SerializationType } from "node:child_process"
import { Worker } from "node:worker_threads"
import { beside } from "../beside.ts"
import { ofPromises, type PoolEntry, type TaskName } from "./TaskPool.ts"

const threadFile = beside(import.meta.url, "../work/rawWorker")
const threadFileWithImports = beside(import.meta.url, "../work/rawWorkerWithImports")
const childFile = beside(import.meta.url, "../work/rawChild")
const childFileWithImports = beside(import.meta.url, "../work/rawChildWithImports")

type Message = readonly [TaskName, ReadonlyArray<unknown>]

/** A worker that answers in the order in which it is asked. */
export interface RawWorker {
  readonly post: (message: Message, transfer?: ReadonlyArray<ArrayBuffer>) => Promise<ReadonlyArray<unknown>>
  readonly stop: () => Promise<unknown>
}

/** Who waits for an answer, in order. An array's `shift` moves all the others: in a flood that costs more than the messages. */
class Waiting {
  #resolvers: Array<(results: ReadonlyArray<unknown>) => void> = []
  #first = 0

  add(): Promise<ReadonlyArray<unknown>> {
    const { promise, resolve } = Promise.withResolvers<ReadonlyArray<unknown>>()
    this.#resolvers.push(resolve)
    return promise
  }

  answer(results: ReadonlyArray<unknown>): void {
    const resolve = this.#resolvers[this.#first]
    this.#first += 1
    if (this.#first === this.#resolvers.length) {
      this.#resolvers = []
      this.#first = 0
    }
    resolve?.(results)
  }
}

export const rawThread = (withImports = false): RawWorker => {
  const worker = new Worker(withImports ? threadFileWithImports : threadFile)
  const waiting = new Waiting()
  worker.on("message", (results: ReadonlyArray<unknown>) => waiting.answer(results))
  return {
    post: (message, transfer = []) => {
      const answer = waiting.add()
      worker.postMessage(message, transfer)
      return answer
    },
    stop: () => worker.terminate()
  }
}

const gone = (child: ChildProcess): Promise<unknown> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once("exit", () => resolve())
  child.kill("SIGKILL")
  return promise
}

export const rawChild = (serialization: SerializationType, withImports = false): RawWorker => {
  const child = fork(withImports ? childFileWithImports : childFile, { serialization })
  const waiting = new Waiting()
  child.on("message", (results: ReadonlyArray<unknown>) => waiting.answer(results))
  return {
    post: (message) => {
      const answer = waiting.add()
      child.send(message)
      return answer
    },
    stop: () => gone(child)
  }
}

/** Inputs go round the workers in turn, `batch` of them in each message. */
const raw = (name: string, make: () => RawWorker, batch: number): PoolEntry => ({
  name,
  role: "limit",
  start: async (size) => {
    const workers = Array.from({ length: size }, make)
    let turn = 0
    const post = (task: TaskName, inputs: ReadonlyArray<unknown>) => {
      turn = (turn + 1) % size
      return (workers[turn] as RawWorker).post([task, inputs])
    }
    const one = ofPromises({
      run: (task, input) => post(task, [input]),
      transfer: (bytes) => (workers[0] as RawWorker).post(["touch", [bytes]], [bytes.buffer]),
      stop: () => Promise.all(workers.map((worker) => worker.stop()))
    })
    if (batch === 1) return one
    return {
      ...one,
      each: async (task, inputs) => {
        const messages = Array.from({ length: Math.ceil(inputs.length / batch) }, (_, index) =>
          post(task, inputs.slice(index * batch, (index + 1) * batch))
        )
        return Promise.all(messages)
      }
    }
  }
})

export const postMessage = raw("postMessage, one task a message", rawThread, 1)
export const postMessageWithImports = raw("postMessage, to a worker that has loaded Effect", () => rawThread(true), 1)
export const postMessageBatched = raw("postMessage, 500 tasks a message", rawThread, 500)
export const forkJson = raw("fork IPC (json), one task a message", () => rawChild("json"), 1)
export const forkJsonBatched = raw("fork IPC (json), 500 tasks a message", () => rawChild("json"), 500)
export const forkAdvanced = raw("fork IPC (advanced), one task a message", () => rawChild("advanced"), 1)
export const forkAdvancedBatched = raw("fork IPC (advanced), 500 tasks a message", () => rawChild("advanced"), 500)
