/** The worker gives its permit back, and so does the one who gave it up: two at a time from then on. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../src/testing/Explore.ts"
import type { Bug } from "./Bug.ts"

interface Job {
  isReleased: boolean
}

const jobs = (release: (job: Job, semaphore: Semaphore.Semaphore) => Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(1)
    const job = Explore.shared<Job>({ isReleased: false })
    const visitors = Explore.shared({ inside: 0 })
    yield* Explore.invariant("one at a time", () => visitors.inside <= 1)
    const visit = semaphore.withPermit(
      Effect.gen(function* () {
        yield* Effect.sync(() => visitors.inside++)
        yield* Effect.sync(() => visitors.inside--)
      })
    )
    yield* semaphore.take(1)
    const worker = release(job, semaphore)
    const reaper = release(job, semaphore)
    yield* Effect.all([worker, reaper], { concurrency: "unbounded" })
    yield* Effect.all([visit, visit], { concurrency: "unbounded" })
  })

export const doubleRelease: Bug = {
  name: "double release",
  kind: "invariant",
  proof: "every schedule",
  broken: jobs((job, semaphore) =>
    Effect.gen(function* () {
      if (job.isReleased) return
      yield* semaphore.release(1)
      job.isReleased = true
    })
  ),
  fixed: jobs((job, semaphore) =>
    Effect.gen(function* () {
      if (job.isReleased) return
      job.isReleased = true
      yield* semaphore.release(1)
    })
  )
}
