/** Messages whose bytes have a form of their own arrive as they were. */
import { describe, expect, it } from "@effect/vitest"
import { overflow } from "../../../src/internal/codec/compactEncoder.ts"
import { MessageDecoder, MessageEncoder } from "../../../src/internal/transport/MessageFormat.ts"
import type { FromWorker, ToWorker } from "../../../src/internal/transport/Transport.ts"

const messages: ReadonlyArray<ToWorker | FromWorker> = [
  { kind: "run", id: 1, task: "Add", payload: { a: 1 }, extras: undefined },
  {
    kind: "run",
    id: 2,
    task: "Add",
    payload: 1,
    extras: { context: { trace: { traceId: "t", spanId: "s", sampled: true } } }
  },
  { kind: "interrupt", id: 2 },
  { kind: "report", what: "starts" },
  { kind: "started", id: 2, at: 1_700_000_000_000.125 },
  { kind: "settled", id: 1, exit: { kind: "success", value: [1, "two"] } },
  { kind: "settled", id: 2, exit: { kind: "success", value: 3 }, times: { at: 1_700_000_000_000.125, millis: 0.25 } },
  {
    kind: "settled",
    id: 3,
    exit: { kind: "failure", reasons: [{ kind: "interrupt" }] },
    times: { at: 1, millis: 2 }
  },
  { kind: "dropped", id: 4 },
  { kind: "close" }
]

describe("a message", () => {
  it("arrives as it was", () => {
    const bytes = Buffer.alloc(4096)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const encoder = new MessageEncoder()
    const decoder = new MessageDecoder()
    let start = 0
    for (const message of messages) {
      const end = encoder.encode(message, bytes, view, start, bytes.length)
      expect(end).toBeGreaterThan(start)
      expect(decoder.decode(bytes, view, start, end)).toEqual(message)
      start = end
    }
  })

  it("is never written beyond its end", () => {
    for (const message of messages) {
      const bytes = Buffer.alloc(256)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const length = new MessageEncoder().encode(message, bytes, view, 0, bytes.length)
      for (let end = 0; end < length; end++) {
        const small = Buffer.alloc(256)
        const answer = new MessageEncoder().encode(message, small, new DataView(small.buffer, small.byteOffset), 0, end)
        expect(answer).toBe(overflow)
        expect(small.subarray(end).every((byte) => byte === 0)).toBe(true)
      }
    }
  })
})
