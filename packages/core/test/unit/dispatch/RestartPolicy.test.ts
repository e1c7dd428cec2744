import { describe, expect, it, vi } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import {
  defaultCoolDown,
  defaultSchedule,
  type RestartOptions,
  RestartPolicy
} from "../../../src/internal/dispatch/RestartPolicy.ts"
import { WorkerStartFailed } from "../../../src/Pool.ts"

const broken = new Error("no such file")

/** A policy in virtual time, and the clock to turn. */
const make = (options: Partial<RestartOptions> = {}) => {
  const clock = { now: 1_700_000_000_000 }
  const policy = new RestartPolicy({
    worker: "worker.ts",
    schedule: defaultSchedule,
    coolDown: 1000,
    now: () => clock.now,
    ...options
  })
  /** Attempts that fail, each after the delay that was asked for, until the policy gives up. */
  const failAll = (): { readonly delays: Array<number>; readonly failure: WorkerStartFailed } => {
    const delays: Array<number> = []
    for (;;) {
      const next = policy.failed(broken)
      if (typeof next !== "number") return { delays, failure: next }
      delays.push(next)
      clock.now += next
    }
  }
  return { clock, policy, failAll }
}

describe("the default", () => {
  it("is three attempts, the second after 100 ms, the third 200 ms later", () => {
    const { failAll } = make()
    const { delays, failure } = failAll()
    expect(delays).toEqual([100, 200])
    expect(failure).toBeInstanceOf(WorkerStartFailed)
    expect(failure).toMatchObject({ worker: "worker.ts", attempts: 3, cause: broken })
  })

  it("cools down for a second", () => {
    expect(defaultCoolDown).toBe(1000)
  })

  it("takes its time from a clock that nobody sets", ({ onTestFinished }) => {
    const policy = new RestartPolicy({ worker: "worker.ts", schedule: Schedule.recurs(0), coolDown: 3_600_000 })
    const failure = policy.failed(broken)
    const wallClock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 7_200_000)
    onTestFinished(() => wallClock.mockRestore())
    expect(policy.mayStart()).toBe(failure)
  })
})

describe("the schedule", () => {
  it("is asked with the failure, and the time", () => {
    const asked: Array<readonly [number, unknown, number]> = []
    const schedule = Schedule.fromStep(
      Effect.succeed((now: number, failure: WorkerStartFailed) => {
        asked.push([now, failure.cause, failure.attempts])
        return Effect.succeed<[number, Duration.Duration]>([0, Duration.millis(7)])
      })
    )
    const { clock, policy } = make({ schedule })
    clock.now = 5
    policy.failed(broken)
    clock.now = 12
    policy.failed(null)
    expect(asked).toEqual([
      [5, broken, 1],
      [12, null, 2]
    ])
  })

  it("begins anew after a success, and so does the count", () => {
    const { policy, failAll } = make()
    policy.failed(broken)
    policy.failed(broken)
    policy.succeeded()
    expect(policy.attempts).toBe(0)
    expect(failAll()).toMatchObject({ delays: [100, 200], failure: { attempts: 3 } })
  })

  it("may end by its time, which counts from the first failure", () => {
    const { delays } = make({
      schedule: Schedule.max([Schedule.spaced("4 seconds"), Schedule.during("10 seconds")])
    }).failAll()
    expect(delays).toEqual([4000, 4000, 4000])
  })

  it("may never end: the circuit then never opens, and calls wait", () => {
    const { policy, clock } = make({ schedule: Schedule.spaced("1 second") })
    for (let attempt = 1; attempt <= 1000; attempt++) {
      expect(policy.failed(broken)).toBe(1000)
      expect(policy.mayStart()).toBe("wait")
      clock.now += 1000
    }
    expect([policy.state, policy.attempts]).toEqual(["closed", 1000])
  })

  it("draws its random numbers from the pool's context", () => {
    const delays = (seed: string) => {
      const context = Effect.runSync(Random.withSeed(Effect.context<never>(), seed))
      return make({ schedule: Schedule.jittered(defaultSchedule), context }).failAll().delays
    }
    expect(delays("a")).toEqual(delays("a"))
    expect(delays("a")).not.toEqual(delays("b"))
  })

  it("runs with the services of the pool's context", () => {
    const Name = Context.Reference<string>("test/RestartPolicy/Name", { defaultValue: () => "default" })
    const names: Array<string> = []
    const schedule = Schedule.tap(Schedule.recurs(1), () => Effect.map(Name, (name) => names.push(name)))
    make({ schedule, context: Context.make(Name, "of the pool") }).failAll()
    make({ schedule }).failAll()
    expect(names).toEqual(["of the pool", "default"])
  })

  it("a delay that no timer can count is the longest there is, and one for ever is none", () => {
    expect(make({ schedule: Schedule.spaced("365 days") }).policy.failed(broken)).toBe(2 ** 31 - 1)
    expect(make({ schedule: Schedule.spaced(Duration.infinity) }).policy.failed(broken)).toBeInstanceOf(
      WorkerStartFailed
    )
  })

  it("a delay that is negative is none", () => {
    const schedule = Schedule.fromStep(
      Effect.succeed(() => Effect.succeed<[number, Duration.Duration]>([0, Duration.millis(-5)]))
    )
    expect(make({ schedule }).policy.failed(broken)).toBe(0)
  })
})

describe("a schedule that is itself broken has given up, and both causes are told", () => {
  const faults: Record<string, RestartOptions["schedule"]> = {
    "it fails": Schedule.fromStep(Effect.succeed(() => Effect.fail(new Error("its own fault")))),
    "it dies": Schedule.tap(defaultSchedule, () => Effect.die(new Error("its own fault"))),
    "it throws": Schedule.fromStep(
      Effect.succeed(() => {
        throw new Error("its own fault")
      })
    ),
    "it fails before its first step": Schedule.fromStep(Effect.fail(new Error("its own fault")))
  }
  for (const [title, schedule] of Object.entries(faults)) {
    it(title, () => {
      const { policy } = make({ schedule })
      const failure = policy.failed(broken)
      if (typeof failure === "number") return expect.unreachable()
      expect(failure).toMatchObject({ _tag: "WorkerStartFailed", attempts: 1 })
      expect(failure.message).toContain("no such file; and the restart schedule failed: its own fault")
      expect((failure.cause as AggregateError).errors).toEqual([broken, new Error("its own fault")])
      expect(policy.state).toBe("open")
      expect(policy.mayStart()).toBe(failure)
    })
  }

  it("it waits by itself: it is stopped, too", () => {
    let stopped = 0
    const wait = Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped++))
    const first: RestartOptions["schedule"] = Schedule.fromStep<unknown, unknown, never, never, never, never>(wait)
    for (const schedule of [Schedule.tap(Schedule.recurs(3), () => wait), first]) {
      const failure = make({ schedule }).policy.failed(broken)
      if (typeof failure === "number") return expect.unreachable()
      expect(failure.message).toContain("no such file; and the restart schedule failed: it must say a delay at once")
    }
    expect(stopped).toBe(2)
  })

  it("works again once a worker was started", () => {
    let fails = true
    const schedule = Schedule.tap(defaultSchedule, () => (fails ? Effect.die("its own fault") : Effect.void))
    const { policy } = make({ schedule })
    expect(policy.failed(broken)).toBeInstanceOf(WorkerStartFailed)
    fails = false
    policy.succeeded()
    expect(policy.failed(broken)).toBe(100)
  })
})

describe("the circuit", () => {
  it("is closed until a start fails: any call may have a worker", () => {
    const { policy } = make()
    expect([policy.state, policy.mayStart(), policy.mayStart()]).toEqual(["closed", "start", "start"])
  })

  it("between two attempts calls wait for the next one, and start none of their own", () => {
    const { policy } = make()
    policy.failed(broken)
    expect([policy.state, policy.mayStart(), policy.mayStart()]).toEqual(["closed", "wait", "wait"])
  })

  it("opens when the schedule ends: calls fail at once, with the last failure, until the cool-down has passed", () => {
    const { clock, failAll, policy } = make()
    const { failure } = failAll()
    expect(policy.state).toBe("open")
    expect(policy.mayStart()).toBe(failure)
    clock.now += 999
    expect(policy.mayStart()).toBe(failure)
    clock.now += 1
    expect(policy.mayStart()).toBe("start")
  })

  it("is half-open then: one start is tried, and other calls wait for it however long it takes", () => {
    const { clock, failAll, policy } = make()
    failAll()
    clock.now += 1000
    expect([policy.mayStart(), policy.state, policy.mayStart()]).toEqual(["start", "halfOpen", "wait"])
    clock.now += 1_000_000
    expect(policy.mayStart()).toBe("wait")
  })

  it("opens again when that start fails, without asking the schedule, for a cool-down of its own", () => {
    let asked = 0
    const thenAgain = Schedule.fromStep<unknown, unknown, never, never, never, never>(
      Effect.sync(() => () => (++asked === 3 ? Cause.done(asked) : Effect.succeed([asked, Duration.millis(1)])))
    )
    const { clock, failAll, policy } = make({ schedule: thenAgain })
    failAll()
    expect(asked).toBe(3)
    clock.now += 5000
    policy.mayStart()
    clock.now += 300
    const other = new Error("another reason")
    const failure = policy.failed(other)
    expect(failure).toMatchObject({ attempts: 4, cause: other })
    clock.now += 999
    expect([policy.state, policy.mayStart()]).toEqual(["open", failure])
    clock.now += 1
    expect(policy.mayStart()).toBe("start")
  })

  it("closes when it succeeds", () => {
    const { clock, failAll, policy } = make()
    failAll()
    clock.now += 1000
    policy.mayStart()
    policy.succeeded()
    expect([policy.state, policy.attempts, policy.mayStart(), policy.mayStart()]).toEqual([
      "closed",
      0,
      "start",
      "start"
    ])
    expect(failAll().delays).toEqual([100, 200])
  })

  it("a start that ends by nobody's fault leaves the try to the next call: nobody waits for ever", () => {
    const { clock, failAll, policy } = make()
    failAll()
    clock.now += 1000
    policy.mayStart()
    policy.inconclusive()
    expect([policy.state, policy.mayStart(), policy.mayStart()]).toEqual(["open", "start", "wait"])
  })

  it("an attempt that is called off before the schedule has ended leaves the try to the next call", () => {
    const { policy } = make()
    policy.failed(broken)
    policy.inconclusive()
    expect([policy.state, policy.mayStart(), policy.mayStart()]).toEqual(["closed", "start", "wait"])
    expect(policy.failed(broken)).toBe(200)
  })

  it("nothing is inconclusive while it is open: the cool-down is kept", () => {
    const { failAll, policy } = make()
    const { failure } = failAll()
    policy.inconclusive()
    expect(policy.mayStart()).toBe(failure)
  })

  it("starts of other slots that fail late keep it open, and count", () => {
    const { clock, failAll, policy } = make()
    failAll()
    clock.now += 900
    const late = policy.failed(broken)
    expect(late).toMatchObject({ attempts: 4 })
    clock.now += 999
    expect(policy.mayStart()).toBe(late)
    clock.now += 1
    expect(policy.mayStart()).toBe("start")
  })

  it("with no cool-down each call tries, one at a time", () => {
    const { failAll, policy } = make({ coolDown: 0 })
    failAll()
    for (let call = 0; call < 3; call++) {
      expect([policy.mayStart(), policy.mayStart()]).toEqual(["start", "wait"])
      expect(policy.failed(broken)).toMatchObject({ attempts: 4 + call })
    }
  })
})

describe("a flood of calls", () => {
  it("against a worker file that is broken does not spin: a start a cool-down, whatever the load", () => {
    const { clock, policy } = make()
    let starts = 0
    let failed = 0
    let due = Number.POSITIVE_INFINITY
    const start = () => {
      starts++
      const next = policy.failed(broken)
      due = typeof next === "number" ? clock.now + next : Number.POSITIVE_INFINITY
    }
    for (const end = clock.now + 10_000; clock.now < end; clock.now++) {
      if (clock.now >= due) start()
      for (let call = 0; call < 100; call++) {
        const may = policy.mayStart()
        if (may === "start") start()
        else if (may !== "wait") failed++
      }
    }
    // Three in the first 300 ms, then one a second.
    expect(starts).toBe(3 + 9)
    expect(failed).toBeGreaterThan(950_000)
  })

  const Happening = Schema.Struct({
    what: Schema.Literals(["call", "call", "fails", "works", "leaves"]),
    pause: Schema.Literals([0, 0, 1, 50, 400, 1000])
  })

  it.effect.prop(
    "whatever happens to the workers, an open circuit keeps its cool-down, one attempt is made at a time, and no call waits for none",
    [Arbitrary.array(Arbitrary.schema(Happening), { maxLength: 200 })],
    ([happenings]) =>
      Effect.sync(() => {
        const { clock, policy } = make({ coolDown: 500 })
        let openedAt = 0
        let underWay = false
        for (const { pause, what } of happenings) {
          clock.now += pause
          if (what === "call") {
            const wasOpen = policy.state === "open"
            const may = policy.mayStart()
            if (underWay) expect(may).toBe("wait")
            else if (may === "start") {
              underWay = policy.attempts > 0
              if (wasOpen) expect(clock.now - openedAt).toBeGreaterThanOrEqual(500)
            } else expect(may).toBeInstanceOf(WorkerStartFailed)
          } else if (what === "fails") {
            underWay = typeof policy.failed(broken) === "number"
            if (underWay) expect(policy.state).toBe("closed")
            else {
              expect(policy.state).toBe("open")
              openedAt = clock.now
            }
          } else if (what === "works") {
            policy.succeeded()
            underWay = false
          } else {
            policy.inconclusive()
            underWay = false
          }
        }
        if (underWay) policy.inconclusive()
        clock.now += 500
        expect(policy.mayStart()).toBe("start")
      }),
    { arbitrary: { runs: 200, size: 200 } }
  )
})
