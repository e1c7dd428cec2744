/** What the judge of a soak must notice: each promise broken once, in the books of an episode that is fine but for that. */
import { describe, expect, it } from "vitest"
import { type CallRecord, judge, type Trial } from "../../soak/judge.ts"
import type { KindName } from "../../soak/kinds.ts"
import type { Outcome } from "../../soak/outcome.ts"
import type { Episode, Leave } from "../../soak/Plan.ts"
import type { RunRecord } from "../../soak/runLog.ts"

interface Call {
  readonly kind?: KindName
  readonly outcome?: Outcome | undefined
  readonly leave?: Leave
  /** On which workers it was started. */
  readonly on?: ReadonlyArray<number>
  readonly answers?: number
  readonly closing?: boolean
  readonly heardAt?: number
}

interface Books {
  readonly concurrency?: number
  readonly killed?: ReadonlyArray<number>
  readonly runs?: ReadonlyArray<RunRecord>
  readonly stats?: Trial["stats"]
}

const answered: Outcome = { kind: "answered" }
const interrupted: Outcome = { kind: "interrupted" }
const crashed = (worker: number, reason: string): Outcome => ({ kind: "crashed", worker, reason })
const stay: Leave = { kind: "stay" }
const timeout: Leave = { kind: "timeout", millis: 5 }
const interrupt: Leave = { kind: "interrupt", millis: 5 }

/** The calls have the tokens 1, 2, 3…; every random number is 7, so `exit` ends its worker with code 7. */
const problemsOf = (calls: ReadonlyArray<Call>, books: Books = {}): Array<string> => {
  const records = calls.map(
    ({ answers, closing = false, heardAt = 1000, kind = "mix", leave = stay, ...call }, index): CallRecord => {
      const outcome = "outcome" in call ? call.outcome : answered
      return {
        planned: { token: index + 1, kind, n: 7, leave },
        outcome,
        answers: answers ?? (outcome === undefined ? 0 : 1),
        closing,
        heardAt
      }
    }
  )
  const runs = calls.flatMap(({ on = [] }, index) =>
    on.map((worker, at): RunRecord => ({ token: index + 1, worker, mark: "started", at }))
  )
  const episode = { concurrency: books.concurrency ?? 1 } as Episode
  const killed = new Set(books.killed)
  return judge({ episode, calls: records, runs: [...runs, ...(books.runs ?? [])], killed, stats: books.stats })
}

const fine = { on: [10] }

describe("answers", () => {
  it("are all there, from tasks that ran once", () => {
    expect(problemsOf([fine, fine])).toEqual([])
  })

  it("one is missing", () => {
    expect(problemsOf([fine, { on: [10], outcome: undefined }])).toEqual(["mix 2 was never answered"])
  })

  it("one came twice", () => {
    expect(problemsOf([{ ...fine, answers: 2 }])).toEqual(["mix 1 was answered 2 times"])
  })

  it("one is another caller's", () => {
    expect(problemsOf([{ ...fine, outcome: { kind: "wrong", what: "Success(2)" } }])).toEqual([
      "mix 1 got what it can't be answered with: Success(2)"
    ])
  })

  it("one is of a task that never ran", () => {
    expect(problemsOf([{}])).toEqual(["mix 1 was started 0 times, and then was answered"])
  })

  it("one is of a task that ran twice", () => {
    expect(problemsOf([{ on: [10, 11] }])).toEqual(["mix 1 was started 2 times, and then was answered"])
  })

  it("a task ran that nobody had called", () => {
    expect(problemsOf([fine], { runs: [{ token: 99, worker: 10, mark: "started", at: 0 }] })).toEqual([
      "a task ran that nobody had called: 99"
    ])
  })

  it("what is refused before it is sent never runs", () => {
    expect(problemsOf([{ kind: "unsendable" }])).toEqual([])
    expect(problemsOf([{ kind: "unsendable", on: [10] }])).toEqual([
      "unsendable 1 was started 1 times, and then was answered"
    ])
  })
})

describe("callers that leave", () => {
  it("may hear of an interrupt, or of their own timeout", () => {
    const late: Outcome = { kind: "timedOut", phase: "running", millis: 5 }
    expect(
      problemsOf([
        { ...fine, leave: interrupt, outcome: interrupted },
        { ...fine, leave: timeout, outcome: late }
      ])
    ).toEqual([])
  })

  it("hear of an interrupt that nobody asked for", () => {
    expect(problemsOf([{ ...fine, outcome: interrupted }])).toEqual([
      "mix 1 was interrupted, and nobody had asked for that"
    ])
  })

  it("hear of a time that they had not given", () => {
    const late: Outcome = { kind: "timedOut", phase: "running", millis: 9 }
    expect(problemsOf([{ ...fine, leave: timeout, outcome: late }])).toEqual([
      "mix 1 timed out after 9 ms, which it had not been given"
    ])
  })

  it("are told that a task was queued that had started", () => {
    const late: Outcome = { kind: "timedOut", phase: "queued", millis: 5 }
    expect(problemsOf([{ leave: timeout, outcome: late }])).toEqual([])
    expect(problemsOf([{ ...fine, leave: timeout, outcome: late }])).toEqual([
      "mix 1 was started 1 times, and then timed out (queued)"
    ])
  })

  it("left before the call began, and it ran all the same", () => {
    expect(problemsOf([{ leave: { kind: "before" }, outcome: interrupted }])).toEqual([])
    expect(problemsOf([{ ...fine, leave: { kind: "before" }, outcome: interrupted }])).toEqual([
      "mix 1 was started 1 times, and then was interrupted"
    ])
    expect(problemsOf([{ ...fine, leave: { kind: "before" } }])).toHaveLength(2)
  })

  it("a task runs on after the interrupt has returned", () => {
    const spinning = { ...fine, kind: "spin", leave: interrupt, outcome: interrupted, heardAt: 24 } as const
    const ranAt = (at: number) => ({ runs: [{ token: 1, worker: 10, mark: "running", at } as const] })
    expect(problemsOf([spinning], ranAt(12))).toEqual([])
    expect(problemsOf([spinning], ranAt(24))).toEqual([
      "spin 1 ran on after its caller had heard that it was interrupted"
    ])
  })
})

describe("a pool that is closed", () => {
  it("may say so once it is", () => {
    expect(problemsOf([{ outcome: { kind: "closed" }, closing: true }])).toEqual([])
    expect(problemsOf([{ outcome: { kind: "closed" } }])).toEqual([
      "mix 1 was told that its pool is closed while that was open"
    ])
  })
})

describe("a worker that dies", () => {
  const exits = { kind: "exit", on: [10], outcome: crashed(10, "Exited 7") } as const

  it("takes the task with it that ended it", () => {
    expect(problemsOf([exits, fine])).toEqual([])
  })

  it("for a reason that its task does not give", () => {
    expect(problemsOf([{ ...exits, outcome: crashed(10, "Exited 8") }])).toEqual([
      "exit 1 crashed with worker 10 (Exited 8), and nothing on that worker explains it"
    ])
  })

  it("takes a task of another worker with it", () => {
    expect(problemsOf([exits, { on: [11], outcome: crashed(11, "Exited 7") }])).toEqual([
      "mix 2 crashed with worker 11 (Exited 7), and nothing on that worker explains it"
    ])
  })

  it("takes its neighbours with it only where it has some", () => {
    const neighbour = { on: [10], outcome: crashed(10, "Exited 7") }
    expect(problemsOf([exits, neighbour], { concurrency: 2 })).toEqual([])
    expect(problemsOf([exits, neighbour])).toEqual([
      "mix 2 crashed with worker 10 (Exited 7), and nothing on that worker explains it",
      "worker 10 ran 1 at a time, and 2 calls failed with it (Exited 7)"
    ])
  })

  it("takes more tasks with it than it may run", () => {
    const neighbour = { on: [10], outcome: crashed(10, "Exited 7") }
    expect(problemsOf([exits, neighbour, neighbour], { concurrency: 2 })).toEqual([
      "worker 10 ran 2 at a time, and 3 calls failed with it (Exited 7)"
    ])
  })

  it("for two reasons", () => {
    const killed = { on: [10], outcome: crashed(10, "Killed SIGKILL") }
    expect(problemsOf([exits, killed], { concurrency: 2, killed: [10] })).toEqual([
      "worker 10 died for 2 reasons: Exited 7, Killed SIGKILL"
    ])
  })

  it("by what an earlier task left there: whoever runs then is hit, and nobody else", () => {
    const bomb = { kind: "bomb", on: [10] } as const
    const hit = (worker: number) => ({ on: [worker], outcome: crashed(worker, "Uncaught outside 1") })
    expect(problemsOf([bomb, hit(10)])).toEqual([])
    expect(problemsOf([bomb, hit(11)])).toHaveLength(1)
    expect(problemsOf([bomb, hit(10), hit(10)])).toHaveLength(1)
  })

  it("by a kill from outside, if there was one", () => {
    const hit = { on: [10], outcome: crashed(10, "Killed SIGKILL") }
    expect(problemsOf([hit], { killed: [10] })).toEqual([])
    expect(problemsOf([hit], { killed: [11] })).toHaveLength(1)
  })

  it("because a task beside it was left and did not stop", () => {
    const left = { kind: "spin", on: [10], leave: interrupt, outcome: interrupted } as const
    const hit = (worker: number) => ({ on: [worker], outcome: crashed(worker, "Terminated") })
    expect(problemsOf([left, hit(10)], { concurrency: 2 })).toEqual([])
    expect(problemsOf([left, hit(11)], { concurrency: 2 })).toHaveLength(1)
    expect(problemsOf([left, hit(10)])).toHaveLength(1)
    // Nobody saw where this one was: it may have been anywhere.
    expect(problemsOf([{ leave: interrupt, outcome: interrupted }, hit(11)], { concurrency: 2 })).toEqual([])
  })
})

describe("what the pool says of itself", () => {
  const hit = { kind: "exit", on: [10], outcome: crashed(10, "Exited 7") } as const

  it("agrees with its callers", () => {
    expect(problemsOf([fine, hit], { stats: { queued: 0, running: 0, crashed: 1 } })).toEqual([])
  })

  it("counts a task that nobody waits for", () => {
    expect(problemsOf([fine], { stats: { queued: 0, running: 1, crashed: 0 } })).toEqual([
      "every call was answered, and the pool says 0 queued and 1 running"
    ])
  })

  it("has missed a crash, or invents one", () => {
    for (const crashes of [0, 2]) {
      expect(problemsOf([fine, hit], { stats: { queued: 0, running: 0, crashed: crashes } })).toEqual([
        `1 calls failed with their worker, and the pool says ${crashes}`
      ])
    }
  })
})
