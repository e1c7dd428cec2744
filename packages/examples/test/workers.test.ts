/** The demos that need real threads, processes and sockets, at a scale that hurries. */
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { record } from "./harness.ts"

const scale = 0.1

/** A server of the test's own, until its scope closes. */
const shop = (answer: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer(answer).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void)).closeAllConnections()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

describe("demos on processes", () => {
  it.live("process-pool: five tasks, in turn on one process and together on all", () =>
    Effect.gen(function* () {
      const { lanes, lines, passed, verdict } = yield* record("process-pool", { scale })
      assert.isTrue(passed, verdict?.shown)
      assert.match(lines[0] ?? "", /^Parent process \d+\.$/)
      assert.deepStrictEqual(lines.slice(-2), ["Waiting for all subprocesses done...", "All subprocesses done."])
      // Whole lines, and all of them: each task ran twice.
      const whole = /^(Run task [0-4] \(\d+\)\.\.\.|Task [0-4] runs \d\.\d\d seconds\.)$/
      assert.lengthOf(
        lines.filter((line) => whole.test(line)),
        20
      )
      assert.lengthOf(lanes, 10)
    })
  )

  it.live("process-queue: the item arrives, the list stays empty", () =>
    Effect.gen(function* () {
      const { lines, passed } = yield* record("process-queue", { scale })
      assert.isTrue(passed)
      assert.match(lines[0] ?? "", /the list is \[ 'test' \]$/)
      assert.match(lines[1] ?? "", /the queue gave \[ 42, null, 'hello' \] and the list is \[\]$/)
    })
  )

  it.live("process-pipe: both directions, then PeerDied", () =>
    Effect.gen(function* () {
      const { lines, passed } = yield* record("process-pipe", { scale })
      assert.isTrue(passed)
      assert.deepStrictEqual(lines.slice(0, 2), [
        "the parent received [ 42, null, 'hello' ]",
        "the child received test"
      ])
      assert.match(lines[3] ?? "", /^the parent received PeerDied/)
    })
  )

  it.live("process-value: 40,000 by an atomic add, on threads and on processes", () =>
    Effect.gen(function* () {
      const { lines, passed, verdict } = yield* record("process-value", { scale })
      assert.isTrue(passed, verdict?.shown)
      assert.strictEqual(lines[1], "4 threads × 10000 increments by add: 40000")
      assert.strictEqual(lines[3], "4 processes × 10000 increments by add: 40000")
    })
  )

  it.live("process-manager: every process has changed the dictionary and the list", () =>
    Effect.gen(function* () {
      const { lines, passed } = yield* record("process-manager", { scale })
      assert.isTrue(passed)
      assert.lengthOf(lines, 4)
      assert.match(lines[3] ?? "", /\ba 8\b/)
    })
  )
})

describe("demos over HTTP", () => {
  it.live("rankings: three ranks twice, four failures, one last word", () =>
    Effect.gen(function* () {
      const { lanes, lines, passed, verdict } = yield* record("rankings", { scale })
      assert.isTrue(passed, verdict?.shown)
      assert.lengthOf(
        lines.filter((line) => /^- '.+' ranked [\d,]+$/.test(line)),
        6
      )
      assert.lengthOf(
        lanes.filter(({ end }) => end === "failed"),
        4
      )
      assert.match(lines.at(-1) ?? "", /^all done at: /)
      assert.include(verdict?.shown, "Status, Timeout, Network, NotFound")
    })
  )

  it.live("rankings: a shop that is not there fails the demo, and says so for each book", () =>
    Effect.gen(function* () {
      const { ended, lines, passed } = yield* record("rankings", { scale, baseUrl: "http://127.0.0.1:1" })
      assert.isFalse(passed)
      assert.strictEqual(ended?.outcome, "failed")
      assert.lengthOf(
        lines.filter((line) => line.includes("ECONNREFUSED")),
        6
      )
      assert.match(lines.at(-1) ?? "", /^all done at: /)
    })
  )

  it.live("rankings: a failure hides no other book, and a redirect is followed", () =>
    Effect.gen(function* () {
      const baseUrl = yield* shop(({ url }, response) => {
        if (url === "/dp/0132269937") response.writeHead(302, { location: "/moved" }).end()
        else if (url === "/moved") response.end("#12 in Books")
        else if (url === "/dp/0132356139") response.writeHead(503).end()
        else response.end("out of print")
      })
      const { lines, passed } = yield* record("rankings", { scale, baseUrl })
      assert.isFalse(passed)
      // In turn first, so in this order.
      assert.deepStrictEqual(lines.slice(1, 4), [
        "- 'Core Python Programming' ranked 12",
        `- 'Python Web Development with Django': ${baseUrl}/dp/0132356139 answered with status 503`,
        `- 'Python Fundamentals': nothing on ${baseUrl}/dp/0137143419 matches #([\\d,]+) in Books`
      ])
      assert.match(lines.at(-1) ?? "", /^all done at: /)
    })
  )

  it.live("thread-pool: a callback for each url, and an exception that reaches the caller", () =>
    Effect.gen(function* () {
      const { lines, passed, verdict } = yield* record("thread-pool", { scale })
      assert.isTrue(passed, verdict?.shown)
      assert.lengthOf(
        lines.filter((line) => / 200$/.test(line)),
        3
      )
      assert.lengthOf(
        lines.filter((line) => /^Elapsed time: /.test(line)),
        4
      )
      assert.isTrue(lines.some((line) => /^FetchError: .* status 503$/.test(line)))
    })
  )
})
