import { setImmediate } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CallQueue, QueueEntry } from "../../../src/internal/dispatch/CallQueue.ts"

class Entry extends QueueEntry {
  readonly name: string

  constructor(name: string, priority?: number, lane?: number) {
    super(priority, lane)
    this.name = name
  }
}

const filled = (...entries: ReadonlyArray<Entry>): CallQueue<Entry> => {
  const queue = new CallQueue<Entry>()
  for (const entry of entries) queue.push(entry)
  return queue
}

/** The names of all that the worker of this lane gets, in turn. */
const shiftAll = (queue: CallQueue<Entry>, lane = 0): Array<string> => {
  const names: Array<string> = []
  for (let next = queue.shift(lane); next !== undefined; next = queue.shift(lane)) names.push(next.name)
  return names
}

const names = (entries: ReadonlyArray<Entry>): Array<string> => entries.map(({ name }) => name)

/** What the queue promises, said in the plainest way: one array, sorted anew whenever something is asked. */
class Model {
  private arrivals = 0
  private waiting: Array<{ readonly entry: Entry; readonly order: number }> = []
  private readonly orders = new Map<Entry, number>()

  push(entry: Entry): void {
    this.orders.set(entry, ++this.arrivals)
    this.unshift(entry)
  }

  unshift(entry: Entry): void {
    this.waiting.push({ entry, order: this.orders.get(entry)! })
  }

  sorted(): Array<Entry> {
    const inOrder = this.waiting.toSorted((a, b) => b.entry.priority - a.entry.priority || a.order - b.order)
    return inOrder.map(({ entry }) => entry)
  }

  next(lane: number): Entry | undefined {
    return this.sorted().find((entry) => entry.lane === undefined || entry.lane === lane)
  }

  oldest(): Entry | undefined {
    const lowest = Math.min(...this.waiting.map(({ entry }) => entry.priority))
    return this.sorted().find((entry) => entry.priority === lowest)
  }

  remove(entry: Entry | undefined): boolean {
    const index = this.waiting.findIndex((waiting) => waiting.entry === entry)
    if (index >= 0) this.waiting.splice(index, 1)
    return index >= 0
  }
}

const Lane = Schema.Literals([0, 1, 2])

const stepsWith = (priority: Schema.Codec<number>) =>
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        act: Schema.Union([
          Schema.Literals(["push", "shift", "unshift"]),
          Schema.Literals(["push", "shift", "remove"]),
          Schema.Literals(["push", "shift", "push", "shift", "drain and bind anew"])
        ]),
        priority,
        lane: Schema.Union([Schema.Undefined, Lane]),
        worker: Lane,
        pick: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
      })
    ),
    { maxLength: 150 }
  )

const priorities = {
  "one priority": Schema.Literals([0]),
  "a few": Schema.Literals([0, 0, 5, -1.5, 1e300]),
  "one for almost each": Schema.Int.check(Schema.isBetween({ minimum: -1000, maximum: 1000 }))
}

describe("whatever is done to it, in whatever order, it answers as a sorted array would", () => {
  for (const [title, priority] of Object.entries(priorities)) {
    it.effect.prop(
      title,
      [stepsWith(priority)],
      ([steps]) =>
        Effect.sync(() => {
          const queue = new CallQueue<Entry>()
          const model = new Model()
          const known: Array<Entry> = []
          const taken: Array<Entry> = []
          for (const { act, lane, pick, priority, worker } of steps) {
            if (act === "push") {
              const entry = new Entry(String(known.length), priority, lane)
              known.push(entry)
              queue.push(entry)
              model.push(entry)
            } else if (act === "shift") {
              const next = model.next(worker)
              expect(queue.shift(worker)).toBe(next)
              if (next !== undefined) taken.push(next)
              model.remove(next)
            } else if (act === "unshift" && taken.length > 0) {
              const [back] = taken.splice(pick % taken.length, 1)
              queue.unshift(back!)
              model.unshift(back!)
            } else if (act === "remove" && known.length > 0) {
              const entry = known[pick % known.length]!
              expect(queue.remove(entry)).toBe(model.remove(entry))
            } else if (act === "drain and bind anew") {
              const all = queue.drain()
              expect(names(all)).toEqual(names(model.sorted()))
              expect(queue.size).toBe(0)
              for (const entry of all) {
                model.remove(entry)
                entry.lane = entry.lane === undefined ? undefined : (entry.lane + 1) % 3
                queue.push(entry)
                model.push(entry)
              }
            }
            expect(queue.size).toBe(model.sorted().length)
            expect(queue.oldest()).toBe(model.oldest())
            expect(queue.first()).toBe(model.sorted()[0])
            for (const lane of [0, 1, 2, 3]) expect(queue.hasFor(lane)).toBe(model.next(lane) !== undefined)
          }
          expect(names(queue.drain())).toEqual(names(model.sorted()))
        }),
      { arbitrary: { runs: 100, size: 150 } }
    )
  }
})

describe("order", () => {
  it("Q20: the highest priority comes first", () => {
    const queue = filled(new Entry("low", -1), new Entry("plain"), new Entry("high", 7), new Entry("a half", 0.5))
    expect(shiftAll(queue)).toEqual(["high", "a half", "plain", "low"])
  })

  it("W4: priorities keep order, and equal ones come first in, first out", () => {
    const queue = filled(
      new Entry("a", 1),
      new Entry("b", 2),
      new Entry("c", 1),
      new Entry("d", 2),
      new Entry("e"),
      new Entry("f", 1)
    )
    expect(shiftAll(queue)).toEqual(["b", "d", "a", "c", "f", "e"])
  })

  it("W4: a higher one that comes late goes first, and the level it left behind is none for the next", () => {
    const queue = filled(new Entry("a"), new Entry("b"))
    queue.push(new Entry("urgent", 9))
    expect(queue.shift(0)?.name).toBe("urgent")
    queue.push(new Entry("c"))
    expect(shiftAll(queue)).toEqual(["a", "b", "c"])
  })

  it("0 and -0 are one priority", () => {
    expect(shiftAll(filled(new Entry("a", -0), new Entry("b", 0), new Entry("c", -0)))).toEqual(["a", "b", "c"])
  })

  it("an empty queue has nothing, in every form", () => {
    const queue = new CallQueue<Entry>()
    expect([queue.shift(0), queue.first(), queue.oldest(), queue.drain(), queue.hasFor(0), queue.size]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
      false,
      0
    ])
  })
})

describe("lanes", () => {
  it("a bound one goes to its own worker only", () => {
    const queue = filled(new Entry("bound", 0, 1))
    expect([queue.hasFor(0), queue.hasFor(1)]).toEqual([false, true])
    expect(queue.shift(0)).toBeUndefined()
    expect(queue.shift(1)?.name).toBe("bound")
  })

  it("W22: bound and free ones of equal priority take turns as they came", () => {
    const entries = ["a", "b", "c", "d", "e"].map((name, index) => new Entry(name, 0, index % 2 === 0 ? undefined : 3))
    expect(shiftAll(filled(...entries), 3)).toEqual(["a", "b", "c", "d", "e"])
  })

  it("a worker passes over what is bound to others, without disturbing it", () => {
    const queue = filled(new Entry("a", 9, 0), new Entry("b", 0, 0), new Entry("c"), new Entry("d", 9, 1))
    expect(shiftAll(queue, 1)).toEqual(["d", "c"])
    expect(shiftAll(queue, 0)).toEqual(["a", "b"])
  })

  it("priority counts across lanes: a free one that is higher goes before a bound one that is older", () => {
    expect(shiftAll(filled(new Entry("bound", 0, 0), new Entry("free", 1)))).toEqual(["free", "bound"])
    expect(shiftAll(filled(new Entry("free"), new Entry("bound", 1, 0)))).toEqual(["bound", "free"])
  })

  it("what was drained keeps its order when it is pushed again, bound to other lanes", () => {
    const queue = filled(new Entry("a", 0, 1), new Entry("b"), new Entry("c", 2, 1), new Entry("d", 0, 1))
    for (const entry of queue.drain()) {
      entry.lane = undefined
      queue.push(entry)
    }
    expect(shiftAll(queue, 0)).toEqual(["c", "a", "b", "d"])
  })
})

describe("what a worker gives back", () => {
  for (const backwards of [true, false]) {
    it(`goes to the front of its priority, in its order, handed in ${backwards ? "last to first" : "first to last"}`, () => {
      const queue = filled(...["a", "b", "c", "d"].map((name) => new Entry(name)))
      const given = [queue.shift(0)!, queue.shift(0)!, queue.shift(0)!]
      queue.push(new Entry("urgent", 1))
      queue.push(new Entry("e"))
      for (const entry of backwards ? given.toReversed() : given) queue.unshift(entry)
      expect(shiftAll(queue)).toEqual(["urgent", "a", "b", "c", "d", "e"])
    })
  }

  it("comes back among bound ones in its turn", () => {
    const queue = filled(new Entry("a", 0, 1), new Entry("b"), new Entry("c", 0, 1))
    const [first, second] = [queue.shift(1)!, queue.shift(1)!]
    queue.unshift(second)
    queue.unshift(first)
    expect(shiftAll(queue, 1)).toEqual(["a", "b", "c"])
  })

  it("finds its place in a queue that has emptied, and was used for another priority since", () => {
    const queue = filled(new Entry("a", 3))
    const first = queue.shift(0)!
    queue.push(new Entry("b", -3))
    queue.unshift(first)
    expect(shiftAll(queue)).toEqual(["a", "b"])
  })
})

describe("withdrawal", () => {
  it("Q70: leaves the order of the others, wherever it stood", () => {
    for (const gone of ["a", "b", "c"]) {
      const entries = ["a", "b", "c"].map((name) => new Entry(name))
      const queue = filled(...entries)
      expect(queue.remove(entries.find(({ name }) => name === gone)!)).toBe(true)
      expect(shiftAll(queue)).toEqual(["a", "b", "c"].filter((name) => name !== gone))
    }
  })

  it("answers false for what is not there: never was, was taken, was removed, was drained, waits in another queue", () => {
    const queue = new CallQueue<Entry>()
    const [taken, removed, drained, elsewhere] = ["a", "b", "c", "d"].map((name) => new Entry(name))
    queue.push(taken!)
    queue.shift(0)
    queue.push(removed!)
    queue.remove(removed!)
    queue.push(drained!)
    queue.drain()
    const other = filled(elsewhere!)
    queue.push(new Entry("bystander"))
    for (const entry of [new Entry("new"), taken!, removed!, drained!, elsewhere!]) {
      expect(queue.remove(entry)).toBe(false)
    }
    expect([queue.size, other.size]).toEqual([1, 1])
  })

  it("an entry can't be queued twice, and the attempt breaks nothing", () => {
    const entries = [new Entry("a"), new Entry("b"), new Entry("c")]
    const queue = filled(...entries)
    expect(() => queue.push(entries[0]!)).toThrow("in a queue already")
    expect(() => queue.unshift(entries[1]!)).toThrow("in a queue already")
    expect(() => new CallQueue<Entry>().push(entries[1]!)).toThrow("in a queue already")
    expect(queue.size).toBe(3)
    expect(shiftAll(queue)).toEqual(["a", "b", "c"])
  })
})

describe("the one to drop", () => {
  it("is the oldest of the lowest priority, of whatever lane, and stays until it is removed", () => {
    const queue = filled(
      new Entry("high", 5),
      new Entry("bound, higher", 1, 0),
      new Entry("oldest", -2, 1),
      new Entry("free", -2),
      new Entry("bound", -2, 0)
    )
    const dropped: Array<string> = []
    for (let next = queue.oldest(); next !== undefined; next = queue.oldest()) {
      dropped.push(next.name)
      queue.remove(next)
    }
    expect(dropped).toEqual(["oldest", "free", "bound", "bound, higher", "high"])
  })
})

describe("memory", () => {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")

  it("an entry that was taken points at no other, and the queue at none that left", async () => {
    const queue = new CallQueue<Entry>()
    const kept: Array<Entry> = []
    const left: Array<WeakRef<Entry>> = []
    const flood = () => {
      for (let i = 0; i < 50_000; i++) {
        queue.push(new Entry(String(i), i % 100, i % 3 === 0 ? i % 7 : undefined))
      }
      for (let lane = 0; lane < 7; lane++) {
        for (let next = queue.shift(lane); next !== undefined; next = queue.shift(lane)) {
          if (kept.length < 10) kept.push(next)
          else if (left.length < 1000) left.push(new WeakRef(next))
        }
      }
    }
    flood()
    expect(queue.size).toBe(0)
    // Until this job has ended the engine keeps what a WeakRef was made of.
    await setImmediate()
    collect()
    expect(left.filter((entry) => entry.deref() !== undefined)).toEqual([])
    for (const { ahead, behind, level } of kept)
      expect([ahead, behind, level]).toEqual([undefined, undefined, undefined])
  })
})
