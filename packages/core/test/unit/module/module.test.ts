import { describe, expect, it, layer } from "@effect/vitest"
import type * as Pool from "@ropewalk/core/Pool"
import { controlOf, DecodeFailed, EncodeFailed, RemoteError, WorkerStartFailed } from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { fixture, type Maker, places, workers } from "./places.ts"

type Plain = typeof import("./fixtures/plain.ts")
type Effects = typeof import("./fixtures/effects.ts")

class Modules extends Context.Service<
  Modules,
  { readonly plain: Pool.Module<Plain>; readonly effects: Pool.Module<Effects> }
>()("test/Modules") {}

const modulesOf = (make: Maker) =>
  Layer.effect(
    Modules,
    Effect.all({ plain: make<Plain>(fixture("plain.ts")), effects: make<Effects>(fixture("effects.ts")) })
  )

const each = <A>(record: Readonly<Record<string, A>>): ReadonlyArray<readonly [string, A]> => Object.entries(record)

for (const [place, make] of each(places)) {
  layer(modulesOf(make), { excludeTestServices: true })(`on a ${place}`, (it) => {
    it.effect("W23: an Effect logs with its caller's logger, and continues its span", () =>
      Effect.gen(function* () {
        const { effects } = yield* Modules
        const texts: Array<unknown> = []
        const logger = Logger.make<unknown, void>(({ message }) => texts.push(...(message as ReadonlyArray<unknown>)))
        const span = Tracer.externalSpan({ traceId: "trace", spanId: "span" })
        const ids = effects
          .log("one", "two")
          .pipe(
            Effect.provideService(Logger.CurrentLoggers, new Set([logger])),
            Effect.provideService(Tracer.ParentSpan, span)
          )
        expect(yield* ids).toBe("trace span")
        expect(texts).toEqual(["one", "two"])
        expect(yield* Effect.provideService(effects.log(), Logger.CurrentLoggers, new Set())).toBe("none")
      })
    )

    it.effect("tells its events", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        const settled = yield* Effect.forkChild(
          controlOf(plain).events.pipe(
            Stream.filter((event) => event._tag === "TaskSettled"),
            Stream.take(2),
            Stream.runCollect
          ),
          { startImmediately: true }
        )
        yield* plain.add(1, 2)
        yield* Effect.exit(plain.fail("error"))
        expect(Array.from(yield* Fiber.join(settled), ({ outcome, task }) => [task, outcome])).toEqual([
          ["add", "succeeded"],
          ["fail", "failed"]
        ])
      })
    )

    it.effect("a value, a promise, nothing at all, any number of arguments, the default export", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        expect(yield* plain.add(1, 2)).toBe(3)
        expect(yield* plain.later("soon")).toBe("soon")
        expect(yield* plain.nothing()).toBeUndefined()
        expect(yield* plain.rest(1, 2, 3)).toBe(3)
        expect(yield* plain.rest()).toBe(0)
        expect(yield* plain.default("all")).toBe("all: 42")
      })
    )

    it.effect("bytes, dates, maps and cycles go both ways", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        const value: Record<string, unknown> = {
          bytes: new Uint8Array([1]),
          at: new Date(0),
          map: new Map([[1, new Set([2n])]])
        }
        value["self"] = value
        const arrived = yield* plain.echo(value)
        expect(arrived).toStrictEqual(value)
      })
    )

    it.effect("what can be awaited is awaited", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        expect(yield* plain.thenable()).toBe("awaited")
      })
    )

    it.effect("a function that the module does not export fails its call", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        const untyped = plain as unknown as Record<string, () => Effect.Effect<unknown, unknown>>
        for (const name of ["nowhere", "limit", "toString", "__proto__"]) {
          const error = yield* Effect.flip((untyped[name] as () => Effect.Effect<unknown, unknown>)())
          expect(error).toBeInstanceOf(DecodeFailed)
          expect(String(error)).toContain(`"${name}"`)
        }
      })
    )

    for (const how of ["fail", "reject"] as const) {
      it.effect(
        `P42: a function that ${how === "fail" ? "throws" : "rejects"} fails with RemoteError: name, stack, fields, cause`,
        () =>
          Effect.gen(function* () {
            const { plain } = yield* Modules
            const error = yield* Effect.flip(plain[how]("error"))
            expect(error).toBeInstanceOf(RemoteError)
            expect(error).toMatchObject({ task: how, message: "wrong" })
            expect(error.stack).toContain("plain.ts")
            expect(error.cause).toBeInstanceOf(TypeError)
            expect(error.cause).toMatchObject({ message: "wrong", cause: { name: "RangeError", message: "root" } })
            const custom = yield* Effect.flip(plain[how]("custom"))
            expect(custom).toMatchObject({ message: "refused", cause: { name: "Refused", code: 42 } })
          })
      )

      it.effect(`what a function ${how === "fail" ? "throws" : "rejects with"} need not be an error`, () =>
        Effect.gen(function* () {
          const { plain } = yield* Modules
          const caused = { null: null, undefined, string: "text", object: { reason: "plain" } }
          for (const [what, cause] of Object.entries(caused)) {
            const error = yield* Effect.flip(plain[how](what as keyof typeof caused))
            expect(error).toBeInstanceOf(RemoteError)
            expect(error.cause).toStrictEqual(cause)
            expect(error.message).toContain("was thrown")
          }
        })
      )
    }

    it.effect("an Effect that a function returns is run: its result, its error, its defect, its interrupt", () =>
      Effect.gen(function* () {
        const { effects } = yield* Modules
        expect(yield* effects.double(21)).toBe(42)
        const refused = yield* Effect.flip(effects.refuse(7))
        expect(refused).toMatchObject({ _tag: "Refused", code: 7, cause: { name: "RangeError", message: "root" } })
        expect(refused).toBeInstanceOf(Error)
        expect(yield* Effect.flip(effects.refusePlainly("no"))).toBe("no")
        const died = yield* Effect.exit(effects.die("bug"))
        expect(Exit.isFailure(died) && Cause.squash(died.cause)).toMatchObject({ name: "TypeError", message: "bug" })
        const interrupted = yield* Effect.exit(effects.interrupted())
        expect(Exit.isFailure(interrupted) && Cause.hasInterruptsOnly(interrupted.cause)).toBe(true)
      })
    )

    it.effect("the next call finds the pool as it was", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        yield* Effect.flip(plain.fail("null"))
        expect(yield* plain.add(2, 2)).toBe(4)
      })
    )
  })

  describe(`on a ${place}`, () => {
    it.live("interrupting a call runs the finalizers of its Effect, and returns after them", () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const started = yield* Deferred.make<void>()
        const finalized = yield* Deferred.make<void>()
        const announce = (line: string) => {
          lines.push(line)
          Deferred.doneUnsafe(line === "started" ? started : finalized, Exit.void)
        }
        const effects = yield* make<Effects>(fixture("effects.ts"), ({ line }) => Effect.sync(() => announce(line)))
        const fiber = yield* Effect.forkChild(effects.wait(place === "fiber" ? announce : undefined))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        // What a worker prints takes another way than its answer.
        yield* Deferred.await(finalized)
        expect(lines).toEqual(["started", "finalized"])
        expect(yield* effects.double(2)).toBe(4)
      })
    )

    it.live("a module in JavaScript", () =>
      Effect.gen(function* () {
        const plain = yield* make<Pick<Plain, "add">>(fixture("plain.js"))
        expect(yield* plain.add(1, 2)).toBe(3)
      })
    )

    it.live("a CommonJS module", () =>
      Effect.gen(function* () {
        const common = yield* make<Pick<Plain, "add">>(fixture("common.cjs"))
        expect(yield* common.add(1, 2)).toBe(3)
      })
    )

    it.live("P56: a module that is missing, or throws while it loads, fails the start", () =>
      Effect.gen(function* () {
        const missing = yield* Effect.flip(make(fixture("missing.ts")))
        expect(missing).toBeInstanceOf(WorkerStartFailed)
        expect(missing).toMatchObject({ worker: fixture("missing.ts").href, attempts: 1 })
        const broken = yield* Effect.flip(make(fixture("broken.ts")))
        expect(broken).toMatchObject({ _tag: "WorkerStartFailed", cause: { name: "RangeError" } })
        expect(broken.message).toContain("this module never loads")
      })
    )
  })
}

for (const [place, make] of each(workers)) {
  layer(modulesOf(make), { excludeTestServices: true })(`on a ${place}, behind the wire`, (it) => {
    it.effect("P38: an argument that can't be sent fails with EncodeFailed, and says where", () =>
      Effect.gen(function* () {
        const { plain } = yield* Modules
        const error = yield* Effect.flip(plain.echo({ list: [1, () => 2] }))
        expect(error).toBeInstanceOf(EncodeFailed)
        expect(error).toMatchObject({
          task: "echo",
          what: "payload",
          path: [0, "list", 1],
          cause: { name: "DataCloneError" }
        })
        const address = yield* Effect.flip(plain.echo({ address: new URL("http://localhost") }))
        expect(address).toMatchObject({ _tag: "EncodeFailed", path: [0, "address"] })
        expect(yield* plain.add(1, 1)).toBe(2)
      })
    )

    it.effect("a result that can't be sent fails with EncodeFailed, and says where", () =>
      Effect.gen(function* () {
        const { effects, plain } = yield* Modules
        const error = yield* Effect.flip(plain.unsendable())
        expect(error).toBeInstanceOf(EncodeFailed)
        expect(error).toMatchObject({
          task: "unsendable",
          what: "result",
          path: ["rows", 1, "call"],
          cause: { name: "DataCloneError" }
        })
        expect(yield* Effect.flip(effects.unsendable())).toMatchObject({
          _tag: "EncodeFailed",
          what: "result",
          path: []
        })
        expect(yield* plain.add(1, 1)).toBe(2)
      })
    )

    it.effect("a worker of plain functions loads no Effect, until a function returns one", () =>
      Effect.gen(function* () {
        const plain = yield* make<Plain>(fixture("plain.ts"))
        const loaded = yield* plain.loadedScripts()
        expect(loaded.filter((url) => url.includes("/unit/module/fixtures/plain.ts"))).toHaveLength(1)
        expect(loaded.filter((url) => url.includes("/node_modules/effect/"))).toEqual([])
        // Any object that looks like one makes the worker load Effect: so the list above would have shown it.
        yield* Effect.exit(plain.echo({ "~effect/Effect": {} }))
        const after = yield* plain.loadedScripts()
        expect(after.some((url) => url.includes("/node_modules/effect/"))).toBe(true)
      })
    )
  })

  describe(`on a ${place}, behind the wire`, () => {
    it.live("what is no module of JavaScript fails the start", () =>
      Effect.gen(function* () {
        const json = yield* Effect.flip(make(fixture("data.json")))
        expect(json).toMatchObject({ _tag: "WorkerStartFailed", cause: { code: "ERR_IMPORT_ATTRIBUTE_MISSING" } })
        const remote = yield* Effect.flip(make(new URL("https://example.com/work.js")))
        expect(remote).toMatchObject({ _tag: "WorkerStartFailed", cause: { code: "ERR_UNSUPPORTED_ESM_URL_SCHEME" } })
      })
    )

    it.live("a module needs no file", () =>
      Effect.gen(function* () {
        const url = new URL(`data:text/javascript,${encodeURIComponent("export const add = (a, b) => a + b")}`)
        const plain = yield* make<Pick<Plain, "add">>(url)
        expect(yield* plain.add(20, 22)).toBe(42)
      })
    )
  })
}
