/**
 * The demos: every program of the article, on Ropewalk, by name; and the jobs of `Jobs`, small.
 *
 * A demo is an Effect; its file is loaded when it runs and not before, so that a list of them costs nothing.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Stage } from "./internal/Stage.ts"
import { jobs, small } from "./Jobs.ts"

export interface Demo {
  readonly name: string
  readonly title: string
  /** The section of the article that the demo retells, if it does. */
  readonly article?: string
  /** There is nothing to wait for but real work: the demo's clock is the real one, whatever the scale. */
  readonly realTime?: true
  /** Fetches from `--base-url` if there is one: then the clock is real too, since that server knows of no scale. */
  readonly fetches?: true
  readonly load: () => Promise<{ readonly run: Effect.Effect<void, unknown, Stage | Scope.Scope> }>
}

/** All demos, in the order of the article, then the jobs. */
export const demos: ReadonlyArray<Demo> = [
  {
    name: "process-pool",
    title: "Five tasks on processes, in turn and together",
    article: "process pool",
    load: () => import("./demos/process-pool.ts")
  },
  {
    name: "process-queue",
    title: "A queue crosses to a child process, a list does not",
    article: "Queue",
    realTime: true,
    load: () => import("./demos/process-queue.ts")
  },
  {
    name: "process-pipe",
    title: "A talk with a child process, and with a dead one",
    article: "Pipe",
    realTime: true,
    load: () => import("./demos/process-pipe.ts")
  },
  {
    name: "process-value",
    title: "One number that threads and processes count in",
    article: "Value",
    realTime: true,
    load: () => import("./demos/process-value.ts")
  },
  {
    name: "process-manager",
    title: "A dictionary and a list that processes change",
    article: "Manager",
    realTime: true,
    load: () => import("./demos/process-manager.ts")
  },
  {
    name: "sequential",
    title: "One thing after the other",
    article: "without threads",
    load: () => import("./demos/sequential.ts")
  },
  {
    name: "thread-raw",
    title: "Two loops together, awaited on latches",
    article: "the thread module",
    load: () => import("./demos/thread-raw.ts")
  },
  {
    name: "thread-function",
    title: "Fibers made from functions",
    article: "threading: a Thread of a function",
    load: () => import("./demos/thread-function.ts")
  },
  {
    name: "thread-class",
    title: "A named task class whose results come back",
    article: "threading: a subclass of Thread",
    load: () => import("./demos/thread-class.ts")
  },
  {
    name: "rankings",
    title: "Three books' ranks over HTTP, in turn and together",
    article: "a more practical example",
    fetches: true,
    load: () => import("./demos/rankings.ts")
  },
  {
    name: "thread-pool",
    title: "Requests on a pool of five threads, with a callback each",
    article: "thread pool",
    fetches: true,
    load: () => import("./demos/thread-pool.ts")
  },
  {
    name: "lock",
    title: "A set that many loops change, behind a lock",
    article: "locks: acquire and release",
    load: () => import("./demos/lock.ts")
  },
  {
    name: "with-lock",
    title: "A lock that lets go by itself, even of a loop that fails",
    article: "locks: with lock",
    load: () => import("./demos/with-lock.ts")
  },
  {
    name: "candy",
    title: "The candy machine, on a bounded semaphore",
    article: "semaphores",
    load: () => import("./demos/candy.ts")
  },
  ...jobs.map(small)
]

/** The demo of that name. */
export const find = (name: string): Demo | undefined => demos.find((demo) => demo.name === name)
