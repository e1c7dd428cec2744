/** A link without the thread or the process behind it: one side's encoder, the other side's decoder, one memory. */
import assert from "node:assert/strict"
import { CompactDecoder } from "../../../src/internal/codec/compactDecoder.ts"
import { CompactEncoder } from "../../../src/internal/codec/compactEncoder.ts"

/** Nothing may depend on alignment. */
export const start = 3
const bytes = 1 << 16
const untouched = 0xee

export class Link {
  readonly encoder = new CompactEncoder()
  readonly decoder = new CompactDecoder()
  readonly target: Buffer
  readonly view: DataView

  constructor(memory: ArrayBuffer | SharedArrayBuffer = new ArrayBuffer(bytes)) {
    this.target = Buffer.from(memory)
    this.view = new DataView(memory)
  }

  /** Checks that nothing was written outside. */
  encode(value: unknown, end = this.target.length): number {
    this.target.fill(untouched)
    const position = this.encoder.encode(value, this.target, this.view, start, end)
    assert.ok(position <= end)
    for (const outside of [this.target.subarray(0, start), this.target.subarray(end)]) {
      assert.ok(outside.every((byte) => byte === untouched))
    }
    return position
  }

  decode(): unknown {
    return this.decoder.decode(this.target, this.view, start)
  }

  /** How many bytes it took to carry `value`, which arrived as structured clone would have delivered it. */
  carry(value: unknown): number {
    const position = this.encode(value)
    assert.ok(position > start, `refused (${position})`)
    assertSame(this.decode(), structuredClone(value))
    assert.equal(this.decoder.position, position)
    return position - start
  }
}

export const memories = {
  "an ArrayBuffer": () => new ArrayBuffer(bytes),
  "a SharedArrayBuffer": () => new SharedArrayBuffer(bytes)
}

/** Also the order of keys. */
export const assertSame = (actual: unknown, expected: unknown): void => {
  assert.deepStrictEqual(actual, expected)
  assert.deepStrictEqual(keysInOrder(actual), keysInOrder(expected))
}

const keysInOrder = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !ArrayBuffer.isView(value)
    ? Reflect.ownKeys(value).map((key) => [key, keysInOrder(Reflect.get(value, key))])
    : undefined

/** Objects of as many shapes as one likes. */
export const shaped = (number: number, value: unknown = number): Record<string, unknown> => ({
  id: 1,
  [`of${number}`]: value
})
