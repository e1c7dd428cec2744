/** Messages by rings in memory and by post, in one order, as threads have them: what was posted can be fetched at once. */
import { assert, describe, expect, it } from "@effect/vitest"
import { Prng } from "../../../src/internal/explore/Prng.ts"
import { MessageEncoder } from "../../../src/internal/transport/MessageFormat.ts"
import { OrderedLink, ringsInMemory } from "../../../src/internal/transport/OrderedLink.ts"
import type { FromWorker, ToWorker } from "../../../src/internal/transport/Transport.ts"
import { makeMemory, parentSide, workerSide } from "../../../src/internal/transport/threadMemory.ts"

type Message = ToWorker & FromWorker

/** A message that says which one it is, by its id. */
const message = (id: number, payload: string): Message =>
  ({ kind: "run", id, task: "task", payload, extras: undefined }) as unknown as Message

class End {
  readonly received: Array<number> = []
  readonly broken: Array<unknown> = []
  /** What the other side has posted, and nobody has heard. */
  readonly port: Array<Message> = []
  readonly link: OrderedLink<Message, Message>

  constructor({ reader, writer }: Pick<ReturnType<typeof parentSide>, "reader" | "writer">, other: () => End) {
    this.link = new OrderedLink<Message, Message>(
      ringsInMemory(writer, reader),
      { post: (posted) => void other().port.push(posted), receive: () => this.port.shift() },
      ({ id }) => this.received.push(id),
      (cause) => this.broken.push(cause)
    )
  }

  /** Hears of what was posted first, as by an event. */
  hear(): boolean {
    const posted = this.port.shift()
    if (posted !== undefined) this.link.posted(posted)
    return posted !== undefined
  }
}

const ends = () => {
  const slots = 4
  const memory = makeMemory(slots)
  const program: End = new End(parentSide(memory, slots), () => worker)
  const worker: End = new End(workerSide(memory, slots), () => program)
  return { program, worker }
}

const long = "x".repeat(9000)

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("a link in memory", () => {
  it("fetches what was announced, and has not been heard of", () => {
    const { program, worker } = ends()
    expect([program.link.send(message(0, "small")), program.link.send(message(1, long))]).toEqual([true, false])
    expect([program.link.isAnnounced, program.link.announce(), program.link.isAnnounced]).toEqual([false, true, true])
    program.link.send(message(2, "small"))
    expect([worker.link.drain(9), worker.received]).toEqual([3, [0, 1, 2]])
  })

  it("takes what was heard of before it is announced, after all that is before it", () => {
    const { program, worker } = ends()
    program.link.send(message(0, "small"))
    program.link.send(message(1, long))
    worker.hear()
    expect([worker.link.drain(9), worker.received]).toEqual([2, [0, 1]])
    program.link.send(message(2, "small"))
    expect([worker.link.drain(9), worker.received, worker.broken]).toEqual([1, [0, 1, 2], []])
  })

  it("is broken by an announcement of what was never posted", () => {
    const { program, worker } = ends()
    program.link.send(message(0, long))
    program.link.announce()
    worker.port.length = 0
    expect([worker.link.drain(9), worker.link.hasWork()]).toEqual([0, false])
    assert.match(String(worker.broken[0]), /has not been posted/)
    worker.link.posted(message(1, "late"))
    expect([worker.link.drain(9), worker.received, worker.broken.length]).toEqual([0, [], 1])
  })

  it("is broken by an announcement of nothing: a writer that goes on with those would never be done", () => {
    const slots = 4
    const memory = makeMemory(slots)
    const { writer } = parentSide(memory, slots)
    const worker: End = new End(workerSide(memory, slots), () => worker)
    writer.reserve(16)
    writer.publish(new MessageEncoder().encodeElsewhere(0, writer.view, writer.start) - writer.start)
    expect([worker.link.drain(9), worker.link.hasWork()]).toEqual([0, false])
    assert.match(String(worker.broken[0]), /No messages were announced/)
  })

  it("a full ring is no end: what finds no room is posted, and has its place in the order", () => {
    const { program, worker } = ends()
    const count = 100
    for (let id = 0; id < count; id++) program.link.send(message(id, "x".repeat(4000)))
    expect(worker.port.length).toBeGreaterThan(count / 2)
    worker.link.drain(10)
    program.link.send(message(count, "small"))
    worker.link.drain(Number.POSITIVE_INFINITY)
    expect(worker.received).toEqual(numbers(count + 1))
  })

  it("in whatever order the two act, messages come in theirs", () => {
    for (let seed = 0; seed < 300; seed++) {
      const prng = new Prng()
      prng.reset(5, seed)
      const both = ends()
      const sent = { program: 0, worker: 0 }
      const greed = prng.below(4)
      for (let step = 0; step < 400; step++) {
        const who = prng.below(2) === 0 ? "program" : "worker"
        const { link } = both[who]
        switch (prng.below(4 + greed)) {
          case 0:
          case 1:
            link.send(message(sent[who]++, "x".repeat(prng.below(prng.below(4) === 0 ? 12_000 : 60))))
            break
          case 2:
            link.announce()
            break
          case 3:
            both[who].hear()
            break
          default:
            link.drain(1 + prng.below(20))
        }
      }
      const { program, worker } = both
      for (const end of [program, worker, program]) {
        while (end.link.drain(9) > 0 || end.hear()) {}
        end.link.announce()
      }
      expect([worker.received, program.received]).toEqual([numbers(sent.program), numbers(sent.worker)])
      expect([...program.broken, ...worker.broken]).toEqual([])
    }
  })
})
