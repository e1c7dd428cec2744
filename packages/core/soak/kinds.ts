/**
 * The kinds of task that a soak runs: how each is called, the one answer that it may have, and what it does to its worker.
 * `n` is the random number of a call: a size, a time, a choice.
 */
import * as Pool from "@ropewalk/core/Pool"
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import { Declined, digest, Order, Receipt, type SoakTasks, unencodable, unsendable } from "./tasks.ts"

export type SoakPool = Pool.Pool<RpcGroup.Rpcs<typeof SoakTasks>>

type Answer = Exit.Exit<unknown, unknown>

export interface Kind {
  /** The task, as errors name it. */
  readonly task: string
  readonly run: (
    pool: SoakPool,
    token: number,
    n: number,
    options: Pool.RunOptions | undefined
  ) => Effect.Effect<unknown, unknown>
  /** Whether an exit is what this call has to be answered with. Absent: it never answers, so its caller has to leave. */
  readonly isAnswer?: (exit: Answer, token: number, n: number) => boolean
  /** Refused before it is sent: it never starts. */
  readonly refused?: true
  /** It ends its worker: while it runs itself, or when it may have been answered already. */
  readonly ends?: {
    readonly when: "running" | "later"
    /** As `reasonOf` gives it. */
    readonly reason: (token: number, n: number) => string
  }
}

const pick = <A>(choices: ReadonlyArray<A>, n: number): A => choices[n % choices.length] as A

const errorOf = (exit: Answer): unknown => Option.getOrUndefined(Exit.findErrorOption(exit))

const isDigest = (exit: Answer, token: number, salt: number): boolean => {
  if (!Exit.isSuccess(exit)) return false
  const value = exit.value as { readonly token?: unknown; readonly digest?: unknown } | undefined
  return value?.token === token && value.digest === digest(token, salt)
}

const isDefect = (exit: Answer, holds: (defect: unknown) => boolean): boolean =>
  Exit.isFailure(exit) &&
  exit.cause.reasons.length === 1 &&
  exit.cause.reasons.every((_) => Cause.isDieReason(_) && holds(_.defect))

const isRefusal = (exit: Answer, what: "payload" | "result", path: ReadonlyArray<string>): boolean => {
  const error = errorOf(exit)
  return error instanceof Pool.EncodeFailed && error.what === what && error.path.join(".") === path.join(".")
}

const thrown = ["error", "null", "undefined"] as const
const thrownOutside = ["error", "reject", "null", "undefined"] as const
const choices = ["function", "symbol", "promise"] as const

/** Of 1 KiB to 256 KiB, and one of 32 of 4 MiB: more than fits into the buffers of a socket. */
const sizeOf = (n: number): number => (n % 32 === 0 ? 4 * 1024 * 1024 : 1024 << (n % 9))

const bytesOf = (token: number, n: number): Uint8Array => {
  const bytes = new Uint8Array(sizeOf(n)).fill(n)
  new DataView(bytes.buffer).setUint32(0, token)
  return bytes
}

const orderOf = (token: number, n: number, note: Option.Option<string>) => ({
  order: new Order({ token, placed: new Date(n), note })
})

const millisOf = (n: number): number => n % 10
const microsOf = (n: number): number => n % 2000
const codeOf = (n: number): number => n % 200

const kinds = {
  mix: {
    task: "Mix",
    run: (pool, token, n, options) => pool.run("Mix", { token, salt: n }, options),
    isAnswer: isDigest
  },
  trade: {
    task: "Trade",
    run: (pool, token, n, options) => pool.run("Trade", orderOf(token, n, Option.some(`note ${token}`)), options),
    isAnswer: (exit, token, n) =>
      isDigest(exit, token, n) &&
      Exit.isSuccess(exit) &&
      exit.value instanceof Receipt &&
      Option.getOrUndefined(exit.value.note) === `note ${token}`
  },
  decline: {
    task: "Trade",
    run: (pool, token, n, options) => pool.run("Trade", orderOf(token, n, Option.none()), options),
    isAnswer: (exit, token, n) => {
      const error = errorOf(exit)
      return error instanceof Declined && error.token === token && error.digest === digest(token, n)
    }
  },
  bytes: {
    task: "Reverse",
    run: (pool, token, n, options) => pool.run("Reverse", { token, bytes: bytesOf(token, n) }, options),
    isAnswer: (exit, token, n) =>
      Exit.isSuccess(exit) &&
      exit.value instanceof Uint8Array &&
      Buffer.compare(exit.value, bytesOf(token, n).reverse()) === 0
  },
  nap: {
    task: "Nap",
    run: (pool, token, n, options) => pool.run("Nap", { token, millis: millisOf(n) }, options),
    isAnswer: (exit, token, n) => isDigest(exit, token, millisOf(n))
  },
  work: {
    task: "Work",
    run: (pool, token, n, options) => pool.run("Work", { token, micros: microsOf(n) }, options),
    isAnswer: (exit, token, n) => isDigest(exit, token, microsOf(n))
  },
  throw: {
    task: "Throw",
    run: (pool, token, n, options) => pool.run("Throw", { token, what: pick(thrown, n) }, options),
    isAnswer: (exit, token, n) => {
      const what = pick(thrown, n)
      if (what !== "error") return isDefect(exit, (defect) => defect === (what === "null" ? null : undefined))
      return isDefect(exit, (defect) => defect instanceof Error && defect.message === `thrown ${token}`)
    }
  },
  unfit: {
    task: "Mix",
    run: (pool, token, _, options) => pool.run("Mix", { token, salt: "no number" as never }, options),
    isAnswer: (exit) => isRefusal(exit, "payload", ["salt"]),
    refused: true
  },
  unsendable: {
    task: "Carry",
    run: (pool, token, n, options) =>
      pool.run("Carry", { token, value: { inside: unsendable[pick(choices, n)]() } }, options),
    isAnswer: (exit) => isRefusal(exit, "payload", ["value", "inside"]),
    refused: true
  },
  unsendableResult: {
    task: "AnswerUnsendable",
    run: (pool, token, n, options) => pool.run("AnswerUnsendable", { token, what: pick(choices, n) }, options),
    isAnswer: (exit) => isRefusal(exit, "result", ["inside"])
  },
  unencodableResult: {
    task: "AnswerUnencodable",
    run: (pool, token, _, options) => pool.run("AnswerUnencodable", { token }, options),
    isAnswer: (exit) => isDefect(exit, (defect) => defect instanceof Error && defect.message === unencodable)
  },
  wait: { task: "Wait", run: (pool, token, _, options) => pool.run("Wait", { token }, options) },
  resist: { task: "Resist", run: (pool, token, _, options) => pool.run("Resist", { token }, options) },
  spin: { task: "Spin", run: (pool, token, _, options) => pool.run("Spin", { token }, options) },
  exit: {
    task: "Exit",
    run: (pool, token, n, options) => pool.run("Exit", { token, code: codeOf(n) }, options),
    ends: { when: "running", reason: (_, n) => `Exited ${codeOf(n)}` }
  },
  throwOutside: {
    task: "ThrowOutside",
    run: (pool, token, n, options) => pool.run("ThrowOutside", { token, how: pick(thrownOutside, n) }, options),
    ends: {
      when: "later",
      reason: (token, n) => {
        const how = pick(thrownOutside, n)
        return how === "error" || how === "reject" ? `Uncaught outside ${token}` : `Uncaught ${how}`
      }
    }
  },
  bomb: {
    task: "LeaveBomb",
    run: (pool, token, n, options) => pool.run("LeaveBomb", { token, how: n % 2 === 0 ? "error" : "reject" }, options),
    isAnswer: (exit, token) => isDigest(exit, token, 0),
    ends: { when: "later", reason: (token) => `Uncaught outside ${token}` }
  },
  fillHeap: {
    task: "FillHeap",
    run: (pool, token, _, options) => pool.run("FillHeap", { token }, options),
    ends: { when: "running", reason: () => "OutOfMemory" }
  }
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

export const kindNames = Object.keys(kinds) as ReadonlyArray<KindName>

export const kindOf = (name: KindName): Kind => kinds[name]

/** Why a worker ended, as words that can be compared. */
export const reasonOf = (reason: Pool.CrashReason): string => {
  switch (reason._tag) {
    case "Exited":
      return `Exited ${reason.code}`
    case "Killed":
      return `Killed ${reason.signal}`
    case "Uncaught":
      return `Uncaught ${reason.cause instanceof Error ? reason.cause.message : String(reason.cause)}`
    default:
      return reason._tag
  }
}
