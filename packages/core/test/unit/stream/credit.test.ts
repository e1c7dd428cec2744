/** The two ends of a stream, without a worker between them. */
import { describe, expect, it } from "@effect/vitest"
import { StreamInbox } from "../../../src/internal/stream/StreamInbox.ts"
import { StreamOutlet } from "../../../src/internal/stream/StreamOutlet.ts"

const outletOf = (window: number, refused: (value: unknown) => boolean = () => false) => {
  const sent: Array<ReadonlyArray<unknown>> = []
  const outlet = new StreamOutlet(window, (values) => {
    if (values.some(refused)) throw new Error("refused")
    sent.push([...values])
  })
  return { outlet, sent }
}

describe("an outlet", () => {
  it("sends no more than its credit, in halves of the window", () => {
    const { outlet, sent } = outletOf(4)
    expect(outlet.write([0, 1, 2, 3, 4, 5, 6])).toBe(false)
    expect(sent).toEqual([
      [0, 1],
      [2, 3]
    ])
    outlet.grant(1)
    expect(sent.at(-1)).toEqual([4])
    outlet.grant(4)
    expect(sent.slice(3)).toEqual([[5, 6]])
    expect(outlet.sent).toBe(7)
  })

  it("is not ready before there is credit for one more", () => {
    const { outlet } = outletOf(2)
    expect(outlet.write([0])).toBe(true)
    expect(outlet.write([1])).toBe(false)
    let ready = 0
    outlet.whenReady(() => ready++)
    expect(ready).toBe(0)
    outlet.grant(1)
    outlet.grant(1)
    expect(ready).toBe(1)
    outlet.whenReady(() => ready++)
    expect(ready).toBe(2)
  })

  it("sends what was before an element that is refused, says which it was, and sends nothing after it", () => {
    const { outlet, sent } = outletOf(8, (value) => value === "bad")
    outlet.write([0])
    expect(outlet.write([1, "bad", 3])).toBe(true)
    expect(sent.flat()).toEqual([0, 1])
    expect(outlet.refusal).toMatchObject({ index: 2, value: "bad" })
    outlet.grant(8)
    outlet.write([4])
    expect(sent.flat()).toEqual([0, 1])
  })

  it("tells who waits when an element is refused on credit that came later", () => {
    const { outlet, sent } = outletOf(1, (value) => value === "bad")
    outlet.write([0, "bad"])
    let ready = false
    outlet.whenReady(() => {
      ready = true
    })
    expect(ready).toBe(false)
    outlet.grant(1)
    expect(ready).toBe(true)
    expect(sent).toEqual([[0]])
    expect(outlet.refusal?.index).toBe(1)
  })
})

const inboxOf = (window: number) => {
  const granted: Array<number> = []
  return { inbox: new StreamInbox<string>(window, (count) => granted.push(count)), granted }
}

describe("an inbox", () => {
  it("hands out half a window at a time, and grants what its consumer is done with", () => {
    const { granted, inbox } = inboxOf(4)
    expect(inbox.receive([0, 1, 2])).toBe(true)
    expect(inbox.receive([3])).toBe(true)
    expect(inbox.take()).toEqual([0, 1])
    expect(granted).toEqual([])
    expect(inbox.take()).toEqual([2, 3])
    expect(granted).toEqual([2])
    expect(inbox.take()).toEqual([])
    expect(granted).toEqual([2, 2])
    expect(inbox.taken).toBe(4)
  })

  it("refuses what was not granted", () => {
    const { inbox } = inboxOf(2)
    expect(inbox.receive([])).toBe(false)
    expect(inbox.receive([0, 1, 2])).toBe(false)
    expect(inbox.receive([0, 1])).toBe(true)
    expect(inbox.receive([2])).toBe(false)
    inbox.take()
    // In the consumer's hands is not done with.
    expect(inbox.receive([2])).toBe(false)
    inbox.take()
    expect(inbox.receive([2])).toBe(true)
  })

  it("has one end, after which nothing arrives and nothing is granted", () => {
    const { granted, inbox } = inboxOf(2)
    inbox.receive([0])
    inbox.finish("first")
    inbox.finish("second")
    expect(inbox.ended?.value).toBe("first")
    expect(inbox.receive([1])).toBe(false)
    expect(inbox.take()).toEqual([0])
    expect(inbox.take()).toEqual([])
    expect(granted).toEqual([])
  })

  it("tells who waits once", () => {
    const { inbox } = inboxOf(4)
    let arrivals = 0
    inbox.whenArrived(() => arrivals++)
    inbox.receive([0])
    inbox.receive([1])
    expect(arrivals).toBe(1)
    inbox.whenArrived(() => arrivals++)
    inbox.finish("end")
    expect(arrivals).toBe(2)
  })
})
