/** A task comes in after the last look at the queue and before the door is shut: nobody will do it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

interface Office {
  isClosed: boolean
  readonly tasks: Array<Deferred.Deferred<void>>
}

const closing = (submit: (office: Office, task: Deferred.Deferred<void>) => Effect.Effect<void>) =>
  Effect.suspend(() => {
    const office = Explore.shared<Office>({ isClosed: false, tasks: Explore.shared([]) })
    const client = Effect.gen(function* () {
      const task = yield* Deferred.make<void>()
      yield* submit(office, task)
      yield* Deferred.await(task)
    })
    const shutdown = Effect.gen(function* () {
      yield* Effect.yieldNow
      office.isClosed = true
      for (const task of office.tasks.splice(0)) yield* Deferred.succeed(task, undefined)
    })
    return Effect.all([client, shutdown], { concurrency: "unbounded" })
  })

const refuse = (task: Deferred.Deferred<void>) => Effect.asVoid(Deferred.succeed(task, undefined))

export const shutdownRace: Bug = {
  name: "shutdown race",
  kind: "deadlock",
  proof: "every schedule",
  broken: closing((office, task) =>
    Effect.gen(function* () {
      if (office.isClosed) return yield* refuse(task)
      yield* Effect.sync(() => office.tasks.push(task))
    })
  ),
  fixed: closing((office, task) =>
    Effect.suspend(() => {
      if (office.isClosed) return refuse(task)
      office.tasks.push(task)
      return Effect.void
    })
  )
}
