/**
 * A file that says which process uses another file; see the room's README for the protocol and why it holds.
 *
 * The steps are synchronous: each is a call to the system that is there or not, and nothing of this program runs in between.
 *
 * @internal
 */
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import { hostname } from "node:os"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { FileFailed, FileInUse } from "./fileErrors.ts"

const Owner = Schema.Struct({
  /** No two locks have the same, also of one process. */
  token: Schema.String,
  pid: Schema.Int,
  host: Schema.String,
  /** When the process began, as the system says it: process ids are used again. Empty where the system doesn't say. */
  began: Schema.String
})
type Owner = typeof Owner.Type

const OwnerJson = Schema.fromJsonString(Owner)
const encodeOwner = Schema.encodeSync(OwnerJson)
const decodeOwner = Schema.decodeSync(OwnerJson)

/**
 * Holds the lock of a file until the scope closes. Fails with `FileInUse` while a process that lives holds it, this one
 * included; takes it over from one that is dead.
 */
export const holdLock = (file: string, lock: string): Effect.Effect<void, FileInUse | FileFailed, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.try({
        try: () => take(lock),
        catch: (cause) =>
          cause instanceof HeldBy
            ? new FileInUse({ file, pid: cause.owner.pid, host: cause.owner.host })
            : new FileFailed({ file, doing: "open", cause })
      }),
      (owner) => Effect.sync(() => release(lock, owner))
    )
  )

/** What taking a lock throws while its owner lives. */
class HeldBy {
  readonly owner: Owner
  constructor(owner: Owner) {
    this.owner = owner
  }
}

const take = (path: string): Owner => {
  const owner: Owner = { token: randomUUID(), pid: process.pid, host: hostname(), began: beganAt(process.pid) ?? "" }
  const mine = `${path}.${owner.token}`
  fs.writeFileSync(mine, encodeOwner(owner))
  try {
    while (!claim(mine, path)) {
      // Somebody else was quicker, or has just left.
    }
  } finally {
    fs.rmSync(mine, { force: true })
  }
  return owner
}

/** Somebody may have removed it by hand, and another have taken it since. */
const release = (path: string, owner: Owner): void => {
  if (read(path)?.token === owner.token) fs.rmSync(path, { force: true })
}

/** Whether it is ours now; if not, it changed while we looked. A lock appears with its content or not at all. */
const claim = (mine: string, path: string): boolean => {
  if (succeedsUnless("EEXIST", () => fs.linkSync(mine, path))) return true
  const holder = read(path)
  if (holder === undefined) return false
  if (isAlive(holder)) throw new HeldBy(holder)
  return takeOver(mine, path, holder)
}

/**
 * Puts our lock in the place of a dead one. Of those that found it dead, one at a time may: whoever holds the lock that is
 * named after the dead one. It looks again, since the one before may have been quicker.
 */
const takeOver = (mine: string, path: string, dead: Owner): boolean => {
  const right = `${path}.${dead.token}.next`
  const owner = take(right)
  try {
    if (read(path)?.token !== dead.token) return false
    fs.renameSync(mine, path)
    return true
  } finally {
    release(right, owner)
  }
}

/** What no process wrote whole, because the machine went down, belongs to nobody. */
const nobody: Owner = { token: "unreadable", pid: 0, host: hostname(), began: "" }

const read = (path: string): Owner | undefined => {
  let text: string | undefined
  if (!succeedsUnless("ENOENT", () => (text = fs.readFileSync(path, "utf8")))) return undefined
  try {
    return decodeOwner(text as string)
  } catch {
    return nobody
  }
}

/** Of a process on another machine that shares the file nothing can be known: it counts as alive. */
const isAlive = ({ began, host, pid }: Owner): boolean => {
  if (host !== hostname()) return true
  if (pid <= 0 || !succeedsUnless("ESRCH", () => isThere(pid))) return false
  const beganNow = beganAt(pid)
  return beganNow === undefined || beganNow === began
}

const isThere = (pid: number): void => {
  // A process of another user is there, though we may not signal it.
  succeedsUnless("EPERM", () => process.kill(pid, 0))
}

/**
 * When a process began, on Linux: which start of the machine, and how long after it. Empty for one that has ended and that
 * its parent has not asked after yet; `undefined` where that can't be known.
 */
const beganAt = (pid: number): string | undefined => {
  try {
    // The name of the program, in parentheses, may contain anything.
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
    const [state] = fields
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    return state === "Z" || state === "X" ? "" : `${boot} ${fields[19]}`
  } catch {
    return undefined
  }
}

const succeedsUnless = (code: string, step: () => void): boolean => {
  try {
    step()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false
    throw error
  }
}
