/** Messages by ring and by socket, in one order. */
import { assert, describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { sides } from "../../../src/internal/transport/ringFile.ts"
import { setHead, setRead } from "../../support/ringFiles.ts"
import { End, type Ends, endsOf } from "../../support/ringLinks.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Until neither has anything to do: the sockets are empty, and both sleep. */
const settle = ({ program, worker }: Pick<Ends, "program" | "worker">) => {
  for (let turns = 0; program.isAwake || worker.isAwake || program.hear() || worker.hear(); turns++) {
    assert.isBelow(turns, 10_000, "they never sleep")
    program.turn(7)
    worker.turn(7)
  }
}

describe("a link", () => {
  it("carries small messages by the ring, others by the socket, in their order", () => {
    const { program, worker } = endsOf()
    program.send(0, "small")
    program.send(1, "x".repeat(9_000))
    program.send(2, "small", true)
    program.send(3, "small")
    program.send(4, new Map())
    program.link.flush()
    expect(program.sent).toEqual({ byRing: 2, bySocket: 3 })
    settle({ program, worker })
    expect(worker.received).toEqual(numbers(5))
  })

  it("what was sent before a message of the socket is there before it, without a flush", () => {
    const { program, worker } = endsOf()
    program.send(0, "small")
    program.send(1, "small", true)
    settle({ program, worker })
    expect(worker.received).toEqual([0, 1])
  })

  it("what is not flushed is not there", () => {
    const { program, worker } = endsOf()
    program.send(0, "small")
    expect([worker.link.hasWork(), worker.link.drain(9)]).toEqual([false, 0])
    program.link.flush()
    expect([worker.link.hasWork(), worker.link.drain(9)]).toEqual([true, 1])
  })

  it("waits for the socket when the ring says so", () => {
    const { program, worker } = endsOf()
    program.send(0, "small", true)
    program.send(1, "small", true)
    program.send(2, "small")
    program.link.flush()
    expect([worker.link.drain(9), worker.link.hasWork(), worker.link.sleep()]).toEqual([0, false, true])
    worker.hear()
    expect([worker.link.hasWork(), worker.link.drain(9), worker.link.hasWork()]).toEqual([true, 1, false])
    worker.hear()
    expect([worker.link.sleep(), worker.link.drain(9), worker.received]).toEqual([false, 2, [0, 1, 2]])
  })

  it("takes no more than it is asked to, and all when it is the last time", () => {
    const { program, worker } = endsOf()
    for (let id = 0; id < 500; id++) program.send(id, "small", id % 7 === 0)
    program.link.flush()
    while (worker.hear()) {}
    expect([worker.link.drain(10), worker.received.length]).toEqual([10, 10])
    expect(worker.link.drain(Number.POSITIVE_INFINITY)).toBe(490)
    expect(worker.received).toEqual(numbers(500))
  })

  it("a message that is not cloned was not sent", () => {
    const { program, worker } = endsOf()
    program.send(0, "small", true)
    expect(() => program.send(99, () => {})).toThrow("not cloned")
    program.send(1, "small")
    program.link.flush()
    settle({ program, worker })
    expect(worker.received).toEqual([0, 1])
  })

  it("a sleeper is woken once, and not while it is awake", () => {
    const { program, worker } = endsOf()
    program.send(0, "small")
    program.link.flush()
    expect(worker.wakes).toBe(0)
    settle({ program, worker })
    for (const id of [1, 2, 3]) {
      program.send(id, "small")
      program.link.flush()
    }
    expect(worker.wakes).toBe(1)
    settle({ program, worker })
    expect(worker.received).toEqual(numbers(4))
  })
})

describe("the order of a link, and its wake-ups", () => {
  /** Both ends send, take and sleep, as it happens, also while the other writes a head. */
  const run = (seed: number) => {
    const prng = new Prng()
    prng.reset(4, seed)
    let isCut = false
    const ends = endsOf((writer, cut) => {
      if (isCut || prng.below(4) > 0) return
      isCut = true
      for (let words = 1; words < 4; words++) {
        cut(words)
        if (prng.below(2) === 0) act(ends[writer === "program" ? "worker" : "program"])
      }
      isCut = false
    })
    const { program, worker } = ends
    const sent = new Map([program, worker].map((end) => [end, 0]))
    const send = (end: End) => {
      const id = sent.get(end)!
      sent.set(end, id + 1)
      const payload = "x".repeat(prng.below(prng.below(3) === 0 ? 8_000 : 50))
      end.send(id, payload, prng.below(5) < bySocket)
    }
    // All by the ring, all by the socket, or some; and how often messages are taken.
    const [bySocket, greed] = [prng.below(6), prng.below(4)]
    const act = (end: End) => {
      switch (prng.below(4 + greed)) {
        case 0:
          for (let some = prng.below(4); some > 0; some--) send(end)
          return
        case 1:
          return end.link.flush()
        case 2:
          return void end.hear()
        default:
          return end.turn(1 + prng.below(20))
      }
    }
    for (let step = 0; step < 400; step++) act(prng.below(2) === 0 ? program : worker)
    isCut = true
    program.link.flush()
    worker.link.flush()
    settle(ends)
    assert.deepStrictEqual([...program.broken, ...worker.broken], [])
    assert.deepStrictEqual(worker.received, numbers(sent.get(program)!))
    assert.deepStrictEqual(program.received, numbers(sent.get(worker)!))
    return ends
  }

  it("are right whatever happens: late sockets, a full ring, heads that are cut", () => {
    let byRing = 0
    let bySocket = 0
    let woken = 0
    for (let seed = 0; seed < 400; seed++) {
      const { program, worker } = run(seed)
      byRing += program.sent.byRing + worker.sent.byRing
      bySocket += program.sent.bySocket + worker.sent.bySocket
      woken += program.wakes + worker.wakes
    }
    assert.isAbove(Math.min(byRing, bySocket, woken), 1_000)
  })

  it("are right when the ring is full for a while: what finds no room goes by the socket", () => {
    const { program, worker } = endsOf()
    const large = "x".repeat(7_000)
    for (let id = 0; id < 60; id++) program.send(id, large)
    expect(program.sent.bySocket).toBeGreaterThan(30)
    while (worker.hear()) {}
    worker.link.drain(Number.POSITIVE_INFINITY)
    const { byRing } = program.sent
    for (let id = 60; id < 70; id++) program.send(id, large)
    expect(program.sent.byRing - byRing).toBe(10)
    program.link.flush()
    settle({ program, worker })
    expect(worker.received).toEqual(numbers(70))
  })

  it("a message of the socket waits while a head is torn: an entry from before it may be there", () => {
    let waited = 0
    const { program, worker } = endsOf((writer, cut) => {
      if (writer === "worker" || program.sent.bySocket === 0 || waited++ > 0) return
      cut(1)
      worker.hear()
      expect([worker.link.hasWork(), worker.link.drain(9), worker.link.sleep()]).toEqual([true, 0, false])
    })
    program.send(0, "small")
    program.send(1, "small", true)
    program.send(2, "small")
    program.link.flush()
    settle({ program, worker })
    expect([worker.received, waited > 0]).toEqual([[0, 1, 2], true])
  })
})

describe("a link without a file", () => {
  it("carries all by the socket", () => {
    const program: End = new End(undefined, () => worker)
    const worker: End = new End(undefined, () => program)
    for (let id = 0; id < 20; id++) program.send(id, "small")
    program.link.flush()
    expect(program.sent).toEqual({ byRing: 0, bySocket: 20 })
    expect([worker.link.hasWork(), worker.link.sleep(), worker.link.drain(9)]).toEqual([false, true, 0])
    while (worker.hear()) {}
    expect(worker.received).toEqual(numbers(20))
    expect(worker.wakes).toBe(0)
  })
})

describe("a link whose other end has scribbled over the file", () => {
  const nothingIsRead = ({ program, worker }: Ends, cause: RegExp) => {
    expect(program.broken.map(String)).toEqual([expect.stringMatching(cause)])
    worker.send(7, "small")
    worker.link.flush()
    worker.send(8, "small", true)
    while (program.hear()) {}
    expect([program.link.hasWork(), program.link.drain(9), program.received]).toEqual([false, 0, []])
    expect(program.broken).toHaveLength(1)
  }

  it.each([4, -8, 2 ** 31 - 8])("tells so once, and nothing is read after it: entries up to %i", (position) => {
    const ends = endsOf()
    setHead(ends.file, "worker", position, ~position)
    expect([ends.program.link.hasWork(), ends.program.link.drain(9)]).toEqual([true, 0])
    nothingIsRead(ends, /the ring is broken/)
  })

  const entry = (ends: Ends, ...bytes: ReadonlyArray<number>) => {
    const all = Buffer.alloc(16)
    all.writeInt32LE(bytes.length)
    Buffer.from(bytes).copy(all, 4)
    ends.file.write(all, 0, 16, sides.worker.data)
    setHead(ends.file, "worker", 16, ~16)
  }

  it("also when it is an entry that is no message", () => {
    const ends = endsOf()
    entry(ends, 0xee, 1, 2, 3, 4)
    expect(ends.program.link.drain(9)).toBe(0)
    nothingIsRead(ends, /Byte 238 begins no message/)
  })

  it("or holds any other value, or nothing at all: it is refused or handed over, and nothing throws", () => {
    const bytes = numbers(256).filter((byte) => {
      const ends = endsOf()
      entry(ends, 5, byte)
      expect(() => ends.program.link.drain(9)).not.toThrow()
      return ends.program.broken.some((cause) => /is no message/.test(`${cause}`))
    })
    // Null and undefined.
    expect(bytes).toHaveLength(2)
  })

  it("when a head stays torn while a message of the socket waits for it", () => {
    const ends = endsOf()
    const { program, worker } = ends
    setHead(ends.file, "worker", 8, 8)
    worker.link.send({ kind: "interrupt", id: 1 }, [])
    setHead(ends.file, "worker", 8, 8)
    program.hear()
    for (let looks = 0; program.broken.length === 0; looks++) {
      assert.isBelow(looks, 20_000)
      expect([program.link.hasWork(), program.link.drain(9)]).toEqual([true, 0])
    }
    nothingIsRead(ends, /the ring is broken: its writer does not say where it is/)
  })

  it("when what it claims to have read is wrong; what is sent then goes by the socket", () => {
    const ends = endsOf()
    const { program } = ends
    setRead(ends.file, "worker", 4, ~4)
    for (let id = 0; id < 60; id++) program.send(id, "x".repeat(7_000))
    expect(program.broken.map(String)).toEqual([expect.stringMatching(/the ring is broken: its reader/)])
    const { byRing } = program.sent
    program.send(60, "small")
    expect(program.sent.byRing).toBe(byRing)
    nothingIsRead(ends, /its reader/)
  })
})
