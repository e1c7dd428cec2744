import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Admission, type Overflow } from "../../../src/internal/dispatch/Admission.ts"
import { QueueEntry } from "../../../src/internal/dispatch/CallQueue.ts"
import * as Pool from "../../../src/Pool.ts"

class Entry extends QueueEntry {
  readonly task: string

  constructor(task: string, priority?: number, lane?: number) {
    super(priority, lane)
    this.task = task
  }
}

const make = (overflow: Overflow, capacity: number) => {
  const entered: Array<string> = []
  const admission = new Admission<Entry>({ capacity, overflow }, (call) => entered.push(call.task))
  /** Offers calls of these names; answers with what became of each. */
  const admit = (...tasks: ReadonlyArray<string | Entry>) =>
    tasks.map((task) => admission.admit(typeof task === "string" ? new Entry(task) : task))
  const shiftAll = (lane = 0) => {
    const tasks: Array<string> = []
    for (let next = admission.shift(lane); next !== undefined; next = admission.shift(lane)) tasks.push(next.task)
    return tasks
  }
  return { admission, admit, entered, shiftAll }
}

const kinds = (admitted: ReadonlyArray<{ readonly kind: string }>) => admitted.map(({ kind }) => kind)

describe("while there is room", () => {
  for (const overflow of ["suspend", "fail", "dropOldest"] as const) {
    it(`${overflow}: calls are queued, and come in their order`, () => {
      const { admission, admit, shiftAll } = make(overflow, 3)
      expect(kinds(admit("a", "b", new Entry("urgent", 1)))).toEqual(["queued", "queued", "queued"])
      expect(admission.queued).toBe(3)
      expect(shiftAll()).toEqual(["urgent", "a", "b"])
      expect(admission.queued).toBe(0)
    })

    it(`${overflow}: a capacity that is infinite is never full`, () => {
      const { admission, admit } = make(overflow, Number.POSITIVE_INFINITY)
      for (let i = 0; i < 5000; i++) expect(admit(String(i))[0]?.kind).toBe("queued")
      expect([admission.queued, admission.waiting]).toEqual([5000, 0])
    })

    it(`${overflow}: what a worker gives back comes in, first, even if the queue is full`, () => {
      const { admission, admit, entered, shiftAll } = make(overflow, 2)
      admit("a", "b")
      const given = admission.shift(0)!
      admit("c")
      admission.unshift(given)
      expect(admission.queued).toBe(3)
      expect(shiftAll()).toEqual(["a", "b", "c"])
      expect(entered).toEqual([])
    })
  }
})

describe("fail", () => {
  it("W2: a call over the capacity is refused, and named", () => {
    const { admission, admit, shiftAll } = make("fail", 2)
    const [, , refused] = admit("a", "b", "c")
    if (refused?.kind !== "refused") return expect.unreachable()
    expect(refused.error).toBeInstanceOf(Pool.PoolFull)
    expect(refused.error).toMatchObject({ _tag: "PoolFull", task: "c", capacity: 2 })
    expect(refused.error.message).toContain('"c" was refused: the queue of its pool is full (capacity 2)')
    expect(admission.queued).toBe(2)
    expect(shiftAll()).toEqual(["a", "b"])
  })

  it("a call that is taken, or withdrawn, makes room for the next", () => {
    const { admission, admit, shiftAll } = make("fail", 1)
    const gone = new Entry("withdrawn")
    admit(gone)
    admission.remove(gone)
    expect(kinds(admit("a", "b"))).toEqual(["queued", "refused"])
    admission.shift(0)
    expect(kinds(admit("c"))).toEqual(["queued"])
    expect(shiftAll()).toEqual(["c"])
  })

  it("a capacity of 0 queues nothing", () => {
    const { admission, admit } = make("fail", 0)
    expect(kinds(admit("a"))).toEqual(["refused"])
    expect(admission.shift(0)).toBeUndefined()
  })
})

describe("dropOldest", () => {
  const drops = (admitted: ReadonlyArray<ReturnType<Admission<Entry>["admit"]>>) =>
    admitted.map((verdict) => (verdict.kind === "dropped" ? verdict.call.task : verdict.kind))

  it("the oldest leaves, with an error for its own caller, and the newcomer is queued", () => {
    const { admission, admit, shiftAll } = make("dropOldest", 2)
    const [, , third] = admit("a", "b", "c")
    if (third?.kind !== "dropped") return expect.unreachable()
    expect(third.call.task).toBe("a")
    expect(third.error).toBeInstanceOf(Pool.TaskDropped)
    expect(third.error).toMatchObject({ _tag: "TaskDropped", task: "a", capacity: 2 })
    expect(third.error.message).toContain('"a" was dropped')
    expect(admission.remove(third.call)).toBe(false)
    expect(shiftAll()).toEqual(["b", "c"])
  })

  it("of several priorities the lowest is dropped, the oldest of it first", () => {
    const { admit, shiftAll } = make("dropOldest", 3)
    const offered = [new Entry("low 1", -1), new Entry("high", 1), new Entry("low 2", -1), "a", "b"]
    expect(drops(admit(...offered))).toEqual(["queued", "queued", "queued", "low 1", "low 2"])
    expect(shiftAll()).toEqual(["high", "a", "b"])
  })

  it("a newcomer that is below all that wait is dropped itself; one that is equal to the lowest is not", () => {
    const { admit, shiftAll } = make("dropOldest", 2)
    admit(new Entry("high", 2), new Entry("middle", 1))
    expect(drops(admit(new Entry("low", 0), new Entry("equal", 1)))).toEqual(["low", "middle"])
    expect(shiftAll()).toEqual(["high", "equal"])
  })

  it("what is bound to a lane can be dropped for what is not", () => {
    const { admit, shiftAll } = make("dropOldest", 1)
    expect(drops(admit(new Entry("bound", 0, 5), "free"))).toEqual(["queued", "bound"])
    expect(shiftAll()).toEqual(["free"])
  })

  it("a capacity of 0 drops the newcomer", () => {
    expect(drops(make("dropOldest", 0).admit("a"))).toEqual(["a"])
  })
})

describe("suspend", () => {
  it("calls over the capacity wait outside, and enter in their order, one as each leaves", () => {
    const { admission, admit, entered } = make("suspend", 2)
    expect(kinds(admit("a", "b", "c", "d"))).toEqual(["queued", "queued", "waiting", "waiting"])
    expect([admission.queued, admission.waiting]).toEqual([2, 2])
    expect(admission.shift(0)?.task).toBe("a")
    expect(entered).toEqual(["c"])
    expect([admission.queued, admission.waiting]).toEqual([2, 1])
    expect(kinds(admit("e"))).toEqual(["waiting"])
    expect(admission.shift(0)?.task).toBe("b")
    expect(entered).toEqual(["c", "d"])
  })

  it("Q70: one that is withdrawn outside is skipped, and the order of the others kept", () => {
    const { admission, admit, entered, shiftAll } = make("suspend", 1)
    const withdrawn = new Entry("withdrawn")
    admit("a", "b", withdrawn, "c")
    expect(admission.remove(withdrawn)).toBe(true)
    expect(admission.remove(withdrawn)).toBe(false)
    expect(admission.waiting).toBe(2)
    expect(shiftAll()).toEqual(["a", "b", "c"])
    expect(entered).toEqual(["b", "c"])
  })

  it("Q70: one that is withdrawn from the queue makes room for the next outside", () => {
    const { admission, admit, entered, shiftAll } = make("suspend", 2)
    const withdrawn = new Entry("withdrawn")
    admit("a", withdrawn, "b", "c")
    admission.remove(withdrawn)
    expect(entered).toEqual(["b"])
    expect([admission.queued, admission.waiting]).toEqual([2, 1])
    expect(shiftAll()).toEqual(["a", "b", "c"])
  })

  it("W4: an urgent call enters before a crowd that came first", () => {
    const { admit, entered, shiftAll } = make("suspend", 1)
    admit("a", "b", "c", new Entry("urgent", 1))
    expect(shiftAll()).toEqual(["a", "urgent", "b", "c"])
    expect(entered).toEqual(["urgent", "b", "c"])
  })

  it("nobody enters before the queue is below its capacity again, after a worker gave calls back", () => {
    const { admission, admit, entered, shiftAll } = make("suspend", 1)
    admit("a", "b", "c", "d")
    const given = [admission.shift(0)!, admission.shift(0)!]
    expect(entered).toEqual(["b", "c"])
    for (const call of given.toReversed()) admission.unshift(call)
    expect([admission.queued, admission.waiting]).toEqual([3, 1])
    expect([admission.shift(0)?.task, admission.shift(0)?.task]).toEqual(["a", "b"])
    expect(entered).toEqual(["b", "c"])
    expect(shiftAll()).toEqual(["c", "d"])
  })

  it("a worker takes from outside when all that is queued is bound to others", () => {
    const { admission, admit, entered } = make("suspend", 2)
    admit(new Entry("a", 0, 0), new Entry("b", 0, 0), new Entry("c", 0, 0), "d", new Entry("e", 0, 1))
    expect([admission.hasFor(1), admission.hasFor(2)]).toEqual([true, true])
    expect([admission.shift(1)?.task, admission.shift(1)?.task, admission.shift(1)]).toEqual(["d", "e", undefined])
    expect(entered).toEqual(["d", "e"])
    expect(admission.hasFor(1)).toBe(false)
    expect([admission.queued, admission.waiting]).toEqual([2, 1])
  })

  it("a capacity of 0 hands each call straight to the worker that asks", () => {
    const { admission, admit, entered, shiftAll } = make("suspend", 0)
    expect(kinds(admit("a", "b"))).toEqual(["waiting", "waiting"])
    expect(admission.hasFor(0)).toBe(true)
    expect(shiftAll()).toEqual(["a", "b"])
    expect(entered).toEqual(["a", "b"])
  })

  it("a call that is offered while others enter goes behind them", () => {
    const admission: Admission<Entry> = new Admission<Entry>({ capacity: 2, overflow: "suspend" }, (call) => {
      if (call.task === "c") admission.admit(new Entry("late"))
    })
    const [first, second] = [new Entry("a"), new Entry("b")]
    for (const call of [first, second, new Entry("c"), new Entry("d")]) admission.admit(call)
    const given = [admission.shift(0)!, admission.shift(0)!]
    expect(given).toEqual([first, second])
    expect(admission.drain().map(({ task }) => task)).toEqual(["c", "d", "late"])
  })

  it("drain gives all that wait, inside and outside, and leaves nothing", () => {
    const { admission, admit } = make("suspend", 2)
    admit("a", "b", "c", new Entry("urgent", 1))
    expect(admission.drain().map(({ task }) => task)).toEqual(["a", "b", "urgent", "c"])
    expect([admission.queued, admission.waiting, admission.hasFor(0)]).toEqual([0, 0, false])
  })

  it("calls of a lane that is gone are bound anew, and keep their order and their side", () => {
    const { admission, admit, shiftAll } = make("suspend", 2)
    admit(new Entry("a", 0, 1), "b", new Entry("c", 0, 1), new Entry("d", 0, 1))
    admission.rebind((call) => (call.lane === undefined ? undefined : 0))
    expect([admission.queued, admission.waiting]).toEqual([2, 2])
    expect(admission.hasFor(1)).toBe(true)
    expect(shiftAll()).toEqual(["a", "b", "c", "d"])
  })
})

const Lane = Schema.Literals([0, 1])

const Step = Schema.Struct({
  act: Schema.Union([
    Schema.Literals(["admit", "shift"]),
    Schema.Literals(["admit", "shift", "unshift", "remove", "rebind"])
  ]),
  priority: Schema.Literals([0, 0, 0, 1, -1]),
  lane: Schema.Union([Schema.Undefined, Schema.Undefined, Lane]),
  worker: Lane,
  pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
})

const Run = Schema.Struct({
  capacity: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 })),
  overflow: Schema.Literals(["suspend", "fail", "dropOldest"])
})

describe("whatever is done to it, in whatever order", () => {
  it.effect.prop(
    "each call ends once, none waits outside without need, and no worker is left without what it could have",
    [Run, Arbitrary.array(Arbitrary.schema(Step), { maxLength: 100 })],
    ([{ capacity, overflow }, steps]) =>
      Effect.sync(() => {
        const waiting = new Set<Entry>()
        const outside = new Set<Entry>()
        const admission = new Admission<Entry>({ capacity, overflow }, (call) => {
          expect(outside.delete(call)).toBe(true)
        })
        const offered: Array<Entry> = []
        const given: Array<Entry> = []
        let givenBack = 0
        const leaves = (call: Entry) => expect(waiting.delete(call)).toBe(true)
        for (const { act, lane, pick, priority, worker } of steps) {
          if (act === "admit") {
            const call = new Entry(String(offered.length), priority, lane)
            const full = admission.queued >= capacity
            offered.push(call)
            waiting.add(call)
            const verdict = admission.admit(call)
            expect(verdict.kind === "queued").toBe(!full)
            if (verdict.kind === "waiting") outside.add(call)
            else if (verdict.kind === "refused") leaves(call)
            else if (verdict.kind === "dropped") {
              leaves(verdict.call)
              for (const { priority } of waiting) expect(verdict.call.priority).toBeLessThanOrEqual(priority)
            }
          } else if (act === "shift") {
            const call = admission.shift(worker)
            if (call !== undefined) {
              leaves(call)
              given.push(call)
            }
            const mine = [...waiting].filter(({ lane }) => lane === undefined || lane === worker)
            if (call === undefined) expect(mine).toEqual([])
          } else if (act === "unshift" && given.length > 0) {
            const [call] = given.splice(pick % given.length, 1)
            admission.unshift(call!)
            waiting.add(call!)
            givenBack++
          } else if (act === "remove" && offered.length > 0) {
            const call = offered[pick % offered.length]!
            expect(admission.remove(call)).toBe(waiting.delete(call))
            outside.delete(call)
          } else if (act === "rebind") {
            admission.rebind((call) => (call.lane === undefined ? undefined : 1 - call.lane))
          }
          expect(admission.queued + admission.waiting).toBe(waiting.size)
          expect(admission.waiting).toBe(outside.size)
          expect(admission.queued).toBeLessThanOrEqual(capacity + givenBack)
          if (outside.size > 0) expect(admission.queued).toBeGreaterThanOrEqual(capacity)
          const free = [...waiting].some(({ lane }) => lane === undefined || lane === worker)
          expect(admission.hasFor(worker)).toBe(free)
        }
        expect(new Set(admission.drain())).toEqual(waiting)
      }),
    { arbitrary: { runs: 200, size: 100 } }
  )
})
