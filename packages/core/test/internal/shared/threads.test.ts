/** The same protocols between real threads: what the model leaves out is the machine. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { nextTicket } from "../../../src/internal/shared/claims.ts"
import type { RingReader } from "../../../src/internal/shared/ring.ts"
import { type Job, link, linkSize, rounds, slots } from "./link.ts"

const start = (job: Omit<Job, "memory">) =>
  Effect.gen(function* () {
    const memory = new SharedArrayBuffer(linkSize)
    const shared = link(memory, "parent")
    const worker = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Worker(new URL("./sharedWorker.ts", import.meta.url), { workerData: { ...job, memory } satisfies Job })
      ),
      (worker) => Effect.promise(() => worker.terminate())
    )
    return { ...shared, worker }
  })

/** Runs `turn` until it is done; between turns it sleeps in the event loop, unless there is work. */
const turns = (
  worker: Worker,
  parent: ReturnType<typeof link>["parent"],
  turn: () => boolean,
  hasWork: () => boolean
) =>
  Effect.callback<void>((resume) => {
    const run = () => {
      try {
        do {
          parent.awake()
          if (turn()) return resume(Effect.void)
        } while (!parent.sleep(hasWork))
      } catch (error) {
        resume(Effect.die(error))
      }
    }
    worker.on("message", run)
    worker.once("error", (error) => resume(Effect.die(error)))
    run()
  })

/** The lengths of messages, and what is in them: the same for whoever goes through them. */
const messagesOf = (seed: number) => {
  const prng = new Prng()
  prng.reset(seed, 0)
  let length = prng.below(65)
  let first = prng.below(256)
  return {
    get length() {
      return length
    },
    byteAt: (index: number) => (first + index) & 255,
    next: () => {
      length = prng.below(65)
      first = prng.below(256)
    }
  }
}

describe("real threads", () => {
  it.live("200,000 messages go to a worker and come back, in order and whole", () =>
    Effect.gen(function* () {
      const messages = 200_000
      const { fromWorker, parent, self, toWorker, worker } = yield* start({ what: "echo", messages, firstTicket: 0 })
      const sent = messagesOf(7)
      const expected = messagesOf(7)
      let sentCount = 0
      let receivedCount = 0
      const send = () => {
        while (sentCount < messages && toWorker.reserve(sent.length)) {
          for (let i = 0; i < sent.length; i++) toWorker.bytes[toWorker.start + i] = sent.byteAt(i)
          toWorker.publish(sent.length)
          sent.next()
          sentCount++
        }
      }
      const receive = () => {
        while (fromWorker.next()) {
          const length = fromWorker.end - fromWorker.start
          let wrong = length === expected.length ? 0 : 1
          for (let i = 0; i < length; i++) if (fromWorker.bytes[fromWorker.start + i] !== expected.byteAt(i)) wrong++
          if (wrong > 0) throw new Error(`message ${receivedCount} is not as it was sent`)
          fromWorker.release()
          expected.next()
          receivedCount++
        }
      }
      const turn = () => {
        send()
        receive()
        self.wake()
        return receivedCount === messages
      }
      const hasWork = () => !fromWorker.isEmpty || (sentCount < messages && toWorker.reserve(sent.length))
      yield* turns(worker, parent, turn, hasWork)
      assert.isTrue(fromWorker.isEmpty)
    }).pipe(Effect.scoped)
  )

  it.live("50,000 offers are claimed or revoked, and never both", () =>
    Effect.gen(function* () {
      // The tickets begin again halfway.
      const firstTicket = 2 ** 31 - rounds / 2
      const { claims, parent, self, words } = yield* start({ what: "claim", messages: 0, firstTicket })
      const wrong: Array<string> = []
      let ticket = firstTicket
      for (let round = 1; round <= rounds; round++) {
        Atomics.store(words, 0, round)
        self.wake()
        const revoked = Array.from({ length: slots }, (_, slot) => claims.revoke(slot, ticket))
        const answered = () => Atomics.load(words, 1) === round
        while (!answered()) assert.isTrue(parent.block(answered, 20_000), "the worker does not answer")
        for (let slot = 0; slot < slots; slot++) {
          const claimed = Atomics.exchange(words, 2 + slot, 0)
          if (claimed + Number(revoked[slot]) !== 1 || claims.isClaimed(slot, ticket) === revoked[slot]) {
            wrong.push(`round ${round}, slot ${slot}: claimed ${claimed} times, revoked: ${revoked[slot]}`)
          }
        }
        ticket = nextTicket(ticket)
      }
      assert.deepStrictEqual(wrong, [])
    }).pipe(Effect.scoped)
  )

  it.live.each([1, 500, 5_000])("a worker that is terminated after %i messages leaves all that it published", (after) =>
    Effect.gen(function* () {
      const { fromWorker, parent, self, words, worker } = yield* start({ what: "count", messages: 0, firstTicket: 0 })
      let received = 0
      const receive = (reader: RingReader) => {
        while (reader.next()) {
          received++
          assert.strictEqual(reader.view.getInt32(reader.start), received)
          reader.release()
        }
        self.wake()
        return received >= after
      }
      yield* turns(
        worker,
        parent,
        () => receive(fromWorker),
        () => !fromWorker.isEmpty
      )
      const exit = once(worker, "exit")
      void worker.terminate()
      yield* Effect.promise(() => exit)
      receive(fromWorker)
      assert.isTrue(fromWorker.isEmpty)
      // It counts right after it has published, and may have been stopped between the two.
      assert.include([0, 1], received - words[0]!)
    }).pipe(Effect.scoped)
  )
})
