import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { holdLock } from "../../../src/internal/file/FileLock.ts"
import { temporaryFolder } from "../../support/folders.ts"

const held = (lock: string) => Effect.scoped(holdLock("the file", lock))

const newLock = Effect.map(temporaryFolder, (folder) => join(folder, "lock"))

/** A lock that somebody else has written. */
const writeLock = (lock: string, owner: object) =>
  fs.writeFileSync(lock, JSON.stringify({ token: "theirs", pid: process.pid, host: hostname(), began: "", ...owner }))

/** A process id that nobody has: its process has just ended. */
const deadPid = Effect.promise(async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" })
  await once(child, "exit")
  return child.pid as number
})

const program = fileURLToPath(new URL("./fixtures/holdLock.ts", import.meta.url))

/** Processes that take the lock when they are told to, and print whether they have it. They hold it until they are killed. */
const contender = (lock: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, [program, lock], { stdio: ["pipe", "pipe", "inherit"] })
      await once(child.stdout, "data")
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const take = (child: ChildProcess) =>
  Effect.promise(async () => {
    child.stdin?.write("take\n")
    const [answer] = await once(child.stdout as NodeJS.ReadableStream, "data")
    return `${answer}`.trim()
  })

const kill = (child: ChildProcess) =>
  Effect.promise(async () => {
    child.kill("SIGKILL")
    await once(child, "exit")
  })

describe("a lock of a file", () => {
  it.effect("is held until the scope closes, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* holdLock("the file", lock)
          const error = yield* Effect.flip(held(lock))
          expect({ ...error }).toMatchObject({
            _tag: "FileInUse",
            file: "the file",
            pid: process.pid,
            host: hostname()
          })
        })
      )
      yield* held(lock)
      assert.deepEqual(fs.readdirSync(join(lock, "..")), [])
    })
  )

  it.effect("is taken over from a process that is gone", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      writeLock(lock, { pid: yield* deadPid })
      yield* held(lock)
      assert.deepEqual(fs.readdirSync(join(lock, "..")), [])
    })
  )

  it.effect.skipIf(process.platform !== "linux")("is taken over from a process whose id is another's now", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      writeLock(lock, { began: "another start of the machine 17" })
      yield* held(lock)
    })
  )

  it.effect("is not taken over from another machine, of whose processes nothing is known", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      writeLock(lock, { pid: yield* deadPid, host: "elsewhere" })
      const error = yield* Effect.flip(held(lock))
      assert(error._tag === "FileInUse")
      assert.equal(error.host, "elsewhere")
      assert.isTrue(fs.existsSync(lock))
    })
  )

  for (const content of ["", "{", "17", '{"pid":"x"}']) {
    it.effect(`is taken over when what it says can't be read: ${JSON.stringify(content)}`, () =>
      Effect.gen(function* () {
        const lock = yield* newLock
        fs.writeFileSync(lock, content)
        yield* held(lock)
        assert.deepEqual(fs.readdirSync(join(lock, "..")), [])
      })
    )
  }

  it.effect("is taken over although one who was about to take it over is dead too", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      const pid = yield* deadPid
      writeLock(lock, { pid })
      writeLock(`${lock}.theirs.next`, { pid, token: "second" })
      yield* held(lock)
      assert.deepEqual(fs.readdirSync(join(lock, "..")), [])
    })
  )

  it.effect("is not taken over while another is about to", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      const pid = yield* deadPid
      writeLock(lock, { pid })
      yield* Effect.scoped(Effect.andThen(holdLock("the file", `${lock}.theirs.next`), Effect.flip(held(lock))))
      yield* held(lock)
    })
  )

  it.effect("fails typed where it can't be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(held(join(folder, "no", "lock")))
      expect({ ...error }).toMatchObject({ _tag: "FileFailed", file: "the file", doing: "open" })
    })
  )

  it.effect("is let be when somebody else has it by now", () =>
    Effect.gen(function* () {
      const lock = yield* newLock
      yield* Effect.scoped(
        Effect.andThen(
          holdLock("the file", lock),
          Effect.sync(() => writeLock(lock, {}))
        )
      )
      assert.isTrue(fs.existsSync(lock))
    })
  )

  it.live(
    "is one process's, of many that find its owner killed at the same time",
    () =>
      Effect.gen(function* () {
        const lock = yield* newLock
        const children = yield* Effect.all(
          [0, 1, 2, 3].map(() => contender(lock)),
          { concurrency: "unbounded" }
        )
        let [owner, ...others] = children
        assert.equal(yield* take(owner as ChildProcess), "held")
        while (others.length > 0) {
          yield* kill(owner as ChildProcess)
          const answers = yield* Effect.all(others.map(take), { concurrency: "unbounded" })
          assert.equal(answers.filter((answer) => answer === "held").length, 1, answers.join())
          owner = others[answers.indexOf("held")]
          others = others.filter((other) => other !== owner)
        }
      }),
    30_000
  )

  it.live.skipIf(process.platform !== "linux")(
    "is nobody's when its owner is dead and its parent hasn't asked after it",
    () =>
      Effect.gen(function* () {
        const lock = yield* newLock
        const parent = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] })
          ),
          (child) => Effect.sync(() => child.kill("SIGKILL"))
        )
        const [line] = yield* Effect.promise(() => once(parent.stdout, "data"))
        const pid = Number(`${line}`)
        const stat = () => fs.readFileSync(`/proc/${pid}/stat`, "utf8")
        const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
        writeLock(lock, { pid, began: `${boot} ${stat().split(" ")[21]}` })
        assert.equal((yield* Effect.flip(held(lock)))._tag, "FileInUse")

        process.kill(pid, "SIGKILL")
        const isZombie = Effect.sync(() => stat().includes(") Z "))
        yield* Effect.repeat(isZombie, { until: (yes) => yes, schedule: Schedule.spaced("5 millis") })
        yield* held(lock)
      })
  )
})
