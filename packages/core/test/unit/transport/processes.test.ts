/** A link between two real processes: what the model leaves out is the machine. */
import { type ChildProcess, spawn } from "node:child_process"
import type { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inboxDescriptor, outboxDescriptor } from "../../../src/internal/transport/descriptors.ts"
import { FrameWriter, readFrames, toStream } from "../../../src/internal/transport/frames.ts"
import { ProcessLink } from "../../../src/internal/transport/ProcessLink.ts"
import { createRingFile, openFile, RingFile } from "../../../src/internal/transport/ringFile.ts"
import type { FromWorker } from "../../../src/internal/transport/Transport.ts"
import { Hammer, messages } from "../../support/hammer.ts"

const worker = fileURLToPath(new URL("../../fixtures/rings/worker.ts", import.meta.url))

const start = Effect.acquireRelease(
  Effect.sync(() => {
    const descriptor = createRingFile()!
    const child = spawn(process.execPath, [worker], {
      stdio: ["ignore", "inherit", "inherit", "pipe", "ignore", "pipe", descriptor]
    })
    return { child, file: new RingFile(openFile(descriptor), "program") }
  }),
  ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
)

const exitOf = (child: ChildProcess) =>
  Effect.callback<number | null>((resume) => void child.once("close", (code) => resume(Effect.succeed(code))))

describe("two processes", () => {
  it.live(`${2 * messages} messages, small and large, arrive in order and whole`, () =>
    Effect.gen(function* () {
      const { child, file } = yield* start
      // Node's types know of five.
      const stdio: ReadonlyArray<unknown> = child.stdio
      const toWorker = stdio[inboxDescriptor] as Duplex
      const fromWorker = stdio[outboxDescriptor] as Duplex
      // The exit says it better.
      for (const socket of [toWorker, fromWorker]) socket.on("error", () => {})
      const exit = yield* Effect.forkChild(exitOf(child), { startImmediately: true })
      const received = yield* Effect.callback<number>((resume) => {
        const fail = (cause: unknown) => resume(Effect.die(cause))
        let count = 0
        const heard = (message: FromWorker) => {
          count++
          try {
            assert(message.kind === "settled" && message.exit.kind === "success")
            hammer.receive(message.exit.value)
          } catch (cause) {
            fail(cause)
          }
        }
        const link = new ProcessLink(file, new FrameWriter(toStream(toWorker)), heard, fail)
        const post = (payload: string) => link.send({ kind: "run", id: 1, task: "Task", payload, extras: undefined })
        const hammer = new Hammer(1, 2, post, () => resume(Effect.succeed(count)))
        readFrames(
          fromWorker,
          (message) => link.posted(message as FromWorker),
          fail,
          () => link.woken()
        )
        child.once("close", (code) => {
          link.close()
          if (code !== 0) fail(new Error(`the worker ended with ${code}`))
        })
        hammer.send()
      })
      assert.strictEqual(received, messages)
      assert.strictEqual(yield* Fiber.join(exit), 0)
    }).pipe(Effect.scoped)
  )
})
