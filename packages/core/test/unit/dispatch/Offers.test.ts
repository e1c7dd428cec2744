import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { type Call, ObservedCall } from "../../../src/internal/dispatch/Call.ts"
import { Offers } from "../../../src/internal/dispatch/Offers.ts"
import { Prng } from "../../../src/internal/explore/Prng.ts"

const callOf = (n: number): Call => new ObservedCall("task", n, () => {})

const offer = (offers: Offers, n: number): Call => {
  const call = callOf(n)
  offers.add(call, offers.nextId())
  return call
}

describe("Offers", () => {
  it("finds each call by its ticket alone, in the order in which they were offered", () => {
    const offers = new Offers(8, 1)
    const calls = [1, 2, 3].map((n) => offer(offers, n))
    expect(calls.map(({ id }) => offers.get(id))).toEqual(calls)
    expect([...offers.values()]).toEqual(calls)
    for (const stranger of [0, -1, 4, 9, 1.5, Number.NaN]) expect(offers.get(stranger)).toBeUndefined()
    expect(offers.size).toBe(3)
  })

  it("a call is answered once", () => {
    const offers = new Offers(8, 1)
    const { id } = offer(offers, 1)
    expect(offers.answered(id)?.payload).toBe(1)
    expect(offers.answered(id)).toBeUndefined()
    expect([offers.size, offers.taken]).toEqual([0, 0])
  })

  it("what was taken back keeps its slot until the worker has thrown it away", () => {
    const offers = new Offers(2, 1)
    const first = offer(offers, 1)
    const second = offer(offers, 2)
    offers.returned(second)
    expect([offers.size, offers.taken]).toEqual([1, 2])
    expect(offers.get(second.id)).toBeUndefined()
    expect(offers.answered(second.id)).toBeUndefined()
    offers.answered(first.id)
    // The slot of the second is passed over, as often as it takes.
    const tickets = [3, 4, 5].map((n) => {
      const { id } = offer(offers, n)
      offers.answered(id)
      return id
    })
    expect(tickets.every((id) => id % 2 === first.id % 2)).toBe(true)
    expect(offers.dropped(second.id)).toBe(true)
    expect(offers.dropped(second.id)).toBe(false)
    expect(offers.taken).toBe(0)
  })

  it("counts and orders as a list would, whatever happens", () => {
    const prng = new Prng()
    for (let seed = 0; seed < 200; seed++) {
      prng.reset(seed, 0)
      const offers = new Offers(32, 2)
      let model: Array<Call> = []
      const undropped: Array<number> = []
      for (let step = 0; step < 100; step++) {
        const chosen = model[prng.below(model.length + 1)]
        const choice = prng.below(6)
        if (choice < 3 && offers.taken < 32) model.push(offer(offers, step))
        else if (choice === 3 && undropped.length > 0) expect(offers.dropped(undropped.shift() as number)).toBe(true)
        else if (chosen !== undefined) {
          if (choice === 4) {
            offers.returned(chosen)
            undropped.push(chosen.id)
          } else expect(offers.answered(chosen.id)).toBe(chosen)
          model = model.filter((call) => call !== chosen)
        }
        expect([...offers.values()]).toEqual(model)
        expect([offers.size, offers.taken]).toEqual([model.length, model.length + undropped.length])
        expect([...offers.waiting()]).toEqual(model.slice(2))
        expect([...offers.rest()]).toEqual(model.toReversed())
        expect(model.map((call) => offers.isAmongOldest(call))).toEqual(model.map((_, index) => index < 2))
      }
      offers.clear()
      expect([...offers.values(), offers.size]).toEqual([0])
      // It may be queued, and offered, again.
      for (const { ahead, behind } of model) expect([ahead, behind]).toEqual([undefined, undefined])
    }
  })

  it("keeps no call that was answered, though nobody collects the old space", () => {
    setFlagsFromString("--expose-gc")
    const collectYoung: () => void = runInNewContext("() => gc({ type: 'minor' })")
    const offers = new Offers(1024, 1)
    const payloadBytes = 1024
    const count = 20_000
    const pending = new Array<Call | undefined>(64).fill(undefined)
    const offerAndAnswer = (n: number) => {
      const place = n % pending.length
      const oldest = pending[place]
      if (oldest !== undefined) offers.answered(oldest.id)
      const call = new ObservedCall("task", new Array(payloadBytes / 8).fill(n), () => {})
      offers.add(call, offers.nextId())
      pending[place] = call
    }
    // What outlives two collections is old: and should it be thrown away, it keeps what it points at.
    for (let n = 0; n < 40; n++) offerAndAnswer(n)
    for (let times = 0; times < 3; times++) collectYoung()
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < count; n++) {
      offerAndAnswer(n)
      if (n % 1000 === 0) collectYoung()
    }
    collectYoung()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan((payloadBytes * count) / 8)
  })
})
