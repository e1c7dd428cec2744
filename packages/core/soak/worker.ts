/** What the workers of a soak run. */
import { isMainThread, threadId } from "node:worker_threads"
import * as WorkerMain from "@ropewalk/core/WorkerMain"
import * as Effect from "effect/Effect"
import { openRunLog } from "./runLog.ts"
import { Declined, digest, Receipt, SoakTasks, unsendable } from "./tasks.ts"

const write = openRunLog(isMainThread ? process.pid : threadId)

const starting = <A, E>(token: number, task: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    write(token, "started")
    return task
  })

const answer = (token: number, salt: number) => ({ token, digest: digest(token, salt) })

const thrown = {
  error: (message: string) => new Error(message),
  null: () => null,
  undefined: () => undefined
}

const occupy = (millis: number, whenever: () => void = () => {}): void => {
  for (const end = performance.now() + millis; performance.now() < end; ) whenever()
}

/** Says that it still runs, once a millisecond. */
const spin = (token: number): never => {
  for (;;) {
    occupy(1)
    write(token, "running")
  }
}

/** After the answer of the task that left it has been given, if that answers at all. */
const throwSoon = (how: keyof typeof thrown | "reject", message: string): void => {
  setImmediate(() => {
    if (how === "reject") void Promise.reject(new Error(message))
    else throw thrown[how](message)
  })
}

WorkerMain.run(
  SoakTasks,
  SoakTasks.toLayer({
    Mix: ({ salt, token }) =>
      starting(
        token,
        Effect.sync(() => answer(token, salt))
      ),
    Trade: ({ order: { note, placed, token } }) =>
      starting(
        token,
        Effect.suspend((): Effect.Effect<Receipt, Declined> => {
          const made = answer(token, placed.getTime())
          return note._tag === "None" ? Effect.fail(new Declined(made)) : Effect.succeed(new Receipt({ ...made, note }))
        })
      ),
    Reverse: ({ bytes, token }) =>
      starting(
        token,
        Effect.sync(() => bytes.toReversed())
      ),
    Nap: ({ millis, token }) => starting(token, Effect.as(Effect.sleep(millis), answer(token, millis))),
    Work: ({ micros, token }) =>
      starting(
        token,
        Effect.sync(() => {
          occupy(micros / 1000)
          return answer(token, micros)
        })
      ),
    Throw: ({ token, what }) =>
      starting(
        token,
        Effect.sync(() => {
          throw thrown[what](`thrown ${token}`)
        })
      ),
    Carry: ({ token }) => starting(token, Effect.void),
    AnswerUnsendable: ({ token, what }) =>
      starting(
        token,
        Effect.sync(() => ({ inside: unsendable[what]() }))
      ),
    AnswerUnencodable: ({ token }) => starting(token, Effect.succeed(token)),
    Wait: ({ token }) => starting(token, Effect.never),
    Resist: ({ token }) => starting(token, Effect.uninterruptible(Effect.never)),
    Spin: ({ token }) =>
      starting(
        token,
        Effect.sync(() => spin(token))
      ),
    Exit: ({ code, token }) =>
      starting(
        token,
        Effect.sync(() => process.exit(code))
      ),
    ThrowOutside: ({ how, token }) =>
      starting(
        token,
        Effect.callback<void>(() => throwSoon(how, `outside ${token}`))
      ),
    LeaveBomb: ({ how, token }) =>
      starting(
        token,
        Effect.sync(() => {
          throwSoon(how, `outside ${token}`)
          return answer(token, 0)
        })
      ),
    FillHeap: ({ token }) =>
      starting(
        token,
        Effect.sync(() => {
          // Small objects: one array that grows would abort the whole program, threads and all.
          let kept: object | undefined
          for (let index = 0; ; index++) kept = { kept, text: `kept ${index}` }
        })
      )
  })
)
