import { createSecretKey } from "node:crypto"
import { Duplex, PassThrough } from "node:stream"
import { MessageChannel } from "node:worker_threads"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { FrameWriter, maxMessageBytes, readFrames, toStream } from "../../../src/internal/transport/frames.ts"

/** Any value, as the result of a task. */
const writeFrame = (stream: Duplex, value: unknown): void =>
  new FrameWriter(toStream(stream)).writeNow({ kind: "settled", id: 1, exit: { kind: "success", value } })

const valueOf = (message: unknown): any => (message as { readonly exit: { readonly value: unknown } }).exit.value

/** What a writer put on the stream, as bytes. */
const written = (messages: ReadonlyArray<unknown>): Buffer => {
  const chunks: Array<Buffer> = []
  const stream = new Duplex({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
    }
  })
  for (const message of messages) writeFrame(stream, message)
  return Buffer.concat(chunks)
}

interface Reader {
  readonly stream: PassThrough
  readonly messages: Array<any>
  readonly errors: Array<unknown>
}

/** Chunks are handed over one by one, each in a memory of its own, as a socket hands them over. */
const reader = (): Reader => {
  const stream = new PassThrough()
  const messages: Array<unknown> = []
  const errors: Array<unknown> = []
  readFrames(
    stream,
    (message) => messages.push(valueOf(message)),
    (cause) => errors.push(cause)
  )
  return { stream, messages, errors }
}

const feed = ({ stream }: Reader, ...chunks: ReadonlyArray<Uint8Array>): void => {
  for (const chunk of chunks) stream.emit("data", Buffer.from(Uint8Array.from(chunk).buffer))
}

const arrive = (messages: ReadonlyArray<unknown>): Array<any> => {
  const read = reader()
  feed(read, written(messages))
  expect(read.errors).toEqual([])
  return read.messages
}

const header = (length: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(length)
  return bytes
}

const Message = Schema.Union([
  Schema.Json,
  Schema.Undefined,
  Schema.BigInt,
  Schema.Date,
  Schema.Uint8Array,
  Schema.ReadonlyMap(Schema.String, Schema.Uint8Array)
])

describe("messages", () => {
  it.effect.prop(
    "P48: any sequence, cut at any places, arrives whole and in order",
    {
      messages: Arbitrary.array(Arbitrary.schema(Message), { maxLength: 8 }),
      cuts: Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))), {
        minLength: 1
      })
    },
    ({ cuts, messages }) =>
      Effect.sync(() => {
        const bytes = written(messages)
        const read = reader()
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const end = start + (cuts[turn % cuts.length] as number)
          feed(read, bytes.subarray(start, end))
          start = end
        }
        expect(read.errors).toEqual([])
        expect(read.messages).toEqual(messages)
      }),
    { arbitrary: { runs: 100 } }
  )

  it("P48: an empty message is a message, and so is undefined", () => {
    const messages = [[], {}, "", undefined, null, new Uint8Array(0), new Map(), 0]
    expect(arrive(messages)).toStrictEqual(messages)
  })

  it.effect("P47: 16 MiB through a stream that takes 64 KiB at a time", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(16 * 1024 * 1024).map((_, index) => index % 251)
      const stream = new PassThrough({ highWaterMark: 64 * 1024 })
      const arrived = yield* Effect.callback<any, unknown>((resume) => {
        readFrames(
          stream,
          (message) => resume(Effect.succeed(valueOf(message))),
          (cause) => resume(Effect.fail(cause))
        )
        const all = written([{ bytes }])
        for (let start = 0; start < all.length; start += 65_536) stream.write(all.subarray(start, start + 65_536))
      })
      expect(Buffer.compare(arrived.bytes, bytes)).toBe(0)
    })
  )

  it("keep what structured clone keeps: cycles, holes, -0, errors with causes", () => {
    const cyclic: Record<string, unknown> = { zero: -0, list: new Array(2) }
    cyclic["self"] = cyclic
    const [arrived] = arrive([{ cyclic, error: new TypeError("no", { cause: 1 }) }])
    expect(arrived.cyclic.self).toBe(arrived.cyclic)
    expect(Object.is(arrived.cyclic.zero, -0)).toBe(true)
    expect(0 in arrived.cyclic.list).toBe(false)
    expect(arrived.error).toBeInstanceOf(TypeError)
    expect(arrived.error.cause).toBe(1)
  })
})

it("instances of classes arrive as the plain objects that structured clone makes of them", () => {
  class Empty {}
  class Full {
    readonly inner = new Empty()
    readonly #hidden = 1
    get hidden() {
      return this.#hidden
    }
  }
  const value = {
    empty: new Empty(),
    full: new Full(),
    bare: Object.create(null),
    boxed: Object(1),
    function: Function.prototype.name
  }
  expect(arrive([value])).toStrictEqual([structuredClone(value)])
})

describe("bytes", () => {
  it("a slice of a pooled Buffer arrives with exactly its bytes, as the Uint8Array that structured clone makes of it", () => {
    const pooled = Buffer.from("a secret beside |the bytes| and another").subarray(17, 26)
    expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.length)
    const [arrived] = arrive([pooled])
    expect(arrived).toStrictEqual(new Uint8Array(pooled))
    expect(arrived.buffer.byteLength).toBe(pooled.length)
  })

  it.each([
    new Int8Array([-1, 2]),
    new Uint8ClampedArray([255]),
    new Int16Array([-300]),
    new Float32Array([0.5, 1]),
    new Float64Array([0.1, Number.NaN]),
    new BigInt64Array([-1n]),
    new DataView(new ArrayBuffer(8), 3, 2),
    new Float64Array(new ArrayBuffer(32), 8, 2)
  ])("a view keeps its kind and has its memory to itself: %s", (view) => {
    for (const shift of ["", "x", "xx", "xxx"]) {
      const [arrived] = arrive([{ shift, view }])
      expect(arrived.view.constructor).toBe(view.constructor)
      expect(arrived.view.buffer.byteLength).toBe(view.byteLength)
      expect(new Uint8Array(arrived.view.buffer)).toStrictEqual(
        new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))
      )
    }
  })

  it("whoever takes the memory of one message away leaves the next one whole", () => {
    const stream = new PassThrough()
    const arrived: Array<any> = []
    readFrames(
      stream,
      (message) => {
        arrived.push(valueOf(message))
        const { bytes } = valueOf(message) as { readonly bytes: Uint8Array<ArrayBuffer> }
        structuredClone(bytes, { transfer: [bytes.buffer] })
      },
      (cause) => arrived.push(cause)
    )
    const bytes = new Uint8Array([1, 2, 3])
    stream.emit(
      "data",
      written([
        { bytes, name: "first" },
        { bytes, name: "second" },
        { bytes, name: "third" }
      ])
    )
    expect(arrived.map((message) => message.name)).toEqual(["first", "second", "third"])
  })
})

describe("what can't be sent throws a DataCloneError, and nothing is written", () => {
  const shared = new SharedArrayBuffer(8)
  it.each<[string, unknown]>([
    ["a function", { a: () => 1 }],
    ["a symbol", [Symbol("a")]],
    ["a bare SharedArrayBuffer", shared],
    ["a nested SharedArrayBuffer", { a: [new Map([["b", shared]])] }],
    ["a view of shared memory", new Uint8Array(shared)],
    ["a nested view of shared memory", { a: [new Set([new Int32Array(shared)])] }],
    ["a DataView of shared memory", { a: new DataView(shared) }],
    ["a Buffer over shared memory", { a: Buffer.from(shared) }],
    ["a message port", { port: new MessageChannel().port1 }],
    ["a promise", Promise.resolve()],
    ["a URL, of which an empty object would arrive", new URL("http://localhost")],
    ["a nested Blob", { a: [new Map([["b", new Blob(["c"])]])] }],
    ["a key", { key: createSecretKey(Buffer.from("key")) }],
    ["the headers of a request", new Map([[new Headers({ a: "b" }), 1]])],
    ["a weak map", new WeakMap()],
    ["a proxy", new Proxy({}, {})]
  ])("%s", (_, message) => {
    const stream = new PassThrough()
    let thrown: unknown
    try {
      writeFrame(stream, message)
    } catch (cause) {
      thrown = cause
    }
    expect(thrown).toBeInstanceOf(DOMException)
    expect(thrown).toMatchObject({ name: "DataCloneError" })
    expect(stream.readableLength + stream.writableLength).toBe(0)
    writeFrame(stream, "after")
    expect(stream.readableLength).toBeGreaterThan(0)
  })

  it("a message over the limit, and the next one is whole", () => {
    const chunks: Array<Buffer> = []
    const stream = new Duplex({
      write: (chunk: Buffer, _, done) => {
        chunks.push(chunk)
        done()
      }
    })
    const frames = new FrameWriter(toStream(stream), 100_000)
    const settled = (length: number) =>
      ({ kind: "settled", id: 1, exit: { kind: "success", value: new Uint8Array(length) } }) as const
    expect(() => frames.writeNow(settled(100_000))).toThrow(expect.objectContaining({ name: "DataCloneError" }))
    expect(() => frames.writeNow(settled(100_000))).toThrow(/over the limit of 100000/)
    expect(chunks).toEqual([])
    frames.writeNow(settled(90_000))
    const read = reader()
    feed(read, ...chunks)
    expect(read.messages.map((value) => value.length)).toEqual([90_000])
  })

  it("what can't be copied though it could be moved to a thread", () => {
    const stream = new PassThrough()
    const { port1 } = new MessageChannel()
    const frames = new FrameWriter(toStream(stream))
    const message = { kind: "settled", id: 1, exit: { kind: "success", value: 1 } } as const
    expect(() => frames.writeNow(message, [port1])).toThrow(/MessagePort/)
    expect(stream.readableLength).toBe(0)
    frames.writeNow(message, [new ArrayBuffer(1)])
    expect(stream.readableLength).toBeGreaterThan(0)
    port1.close()
  })

  it("what a getter throws is thrown as it is", () => {
    const message = {
      get broken(): never {
        throw new RangeError("trap")
      }
    }
    expect(() => writeFrame(new PassThrough(), message)).toThrow(new RangeError("trap"))
  })
})

it("a frame of no bytes wakes, and is no message", () => {
  const stream = new PassThrough()
  const written: Array<Buffer> = []
  const frames = new FrameWriter((bytes) => written.push(Buffer.from(bytes)))
  const message = { kind: "settled", id: 1, exit: { kind: "success", value: 1 } } as const
  frames.write(message)
  frames.writeWake()
  frames.writeWake()
  frames.writeNow(message)
  const heard: Array<unknown> = []
  const onMessage = () => heard.push("message")
  const onError = (cause: unknown) => heard.push(cause)
  readFrames(stream, onMessage, onError, () => heard.push("wake"))
  stream.emit("data", Buffer.concat(written))
  expect(heard).toEqual(["message", "wake", "wake", "message"])
})

describe("a stream that carries something else", () => {
  const good = written([{ fine: true }])

  it.each<[string, Buffer]>([
    ["a body that is no message", Buffer.concat([header(3), Buffer.from("abc")])],
    ["a length that no message has", header(0xffff_ffff)],
    ["a length just over the limit", header(maxMessageBytes + 1)],
    ["a text", Buffer.from("Debugger listening on ws://127.0.0.1:9229\n")],
    ["a message cut short", Buffer.concat([header(good.length - 6), good.subarray(4, good.length - 2)])]
  ])("%s: onError once, and nothing after it", (_, bytes) => {
    const read = reader()
    feed(read, good, Buffer.concat([bytes, good]), good)
    expect(read.messages).toEqual([{ fine: true }])
    expect(read.errors).toHaveLength(1)
    expect(read.errors[0]).toBeInstanceOf(Error)
  })

  it("an absurd length is refused by its header, without waiting for the bytes", () => {
    const read = reader()
    feed(read, header(0xffff_ffff))
    expect(String(read.errors[0])).toContain("4294967295 bytes")
  })

  it("every printable text is longer than any message", () => {
    expect(Buffer.from("    ").readUInt32LE()).toBeGreaterThan(maxMessageBytes)
  })

  it("an end inside a message is no message", () => {
    const read = reader()
    feed(read, good.subarray(0, -1))
    read.stream.emit("end")
    expect(read).toMatchObject({ messages: [], errors: [] })
  })
})

describe("a stream that is closed", () => {
  it.effect.each(["end", "destroy"] as const)("after %s a write throws nothing, and the next step goes on", (how) =>
    Effect.gen(function* () {
      const stream = new PassThrough()
      const errors: Array<unknown> = []
      stream.on("error", (cause) => errors.push(cause))
      stream[how]()
      writeFrame(stream, { late: true })
      yield* Effect.callback<void>((resume) => void stream.once("close", () => resume(Effect.void)))
      expect(errors.every((error) => error instanceof Error)).toBe(true)
    })
  )
})
