/**
 * Who runs in which scope, since when, and waits for what: looked up when it is asked for, and drawn.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { MemberNode, ScopeNode } from "../../TaskScope.ts"
import { millisOf } from "../deadline.ts"
import { InvalidOption } from "../errors.ts"
import { type Member, roots } from "./Member.ts"
import type { ScopeState } from "./ScopeState.ts"

export const tree: Effect.Effect<ReadonlyArray<ScopeNode>> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const now = millisOf(clock)
    return [...roots].map((scope) => nodeOf(scope, now))
  })
)

const nodeOf = (scope: ScopeState, now: number): ScopeNode => ({
  name: scope.settings.name,
  joiner: scope.joiner,
  millis: now - scope.body.since,
  finished: scope.finished,
  members: [...(scope.bodyRuns ? [scope.body] : []), ...scope.running].map((member) => memberOf(member, now))
})

const memberOf = (member: Member, now: number): MemberNode => ({
  name: member.name,
  isBody: member.isBody,
  isStopping: "cancelled" in member && member.cancelled === true,
  millis: now - member.since,
  waitsFor: [...member.waits].map(({ describe, since }) => ({ what: describe(), millis: now - since })),
  scopes: [...member.scopes].map((scope) => nodeOf(scope, now))
})

export const render = (scopes: ReadonlyArray<ScopeNode>): string =>
  scopes.length === 0 ? "no scope is open\n" : `${scopes.flatMap((scope) => linesOf(scope)).join("\n")}\n`

const linesOf = (scope: ScopeNode): ReadonlyArray<string> => {
  const { finished, joiner, members, millis, name } = scope
  const running = members.filter(({ isBody }) => !isBody).length
  const title = `${name} (${joiner}), ${inWords(millis)}: ${running} of ${running + finished} children run`
  return [title, ...branches(members.map(linesOfMember))]
}

const linesOfMember = ({ isStopping, millis, name, scopes, waitsFor }: MemberNode): ReadonlyArray<string> => {
  const waits = waitsFor.map(({ millis, what }) => `${what} (${inWords(millis)})`).join(" and ")
  const line = `${name}, ${inWords(millis)}${isStopping ? ", is stopping" : ""}${waits === "" ? "" : `, waits for ${waits}`}`
  return [line, ...branches(scopes.map(linesOf))]
}

const branches = (blocks: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  blocks.flatMap((lines, index) => {
    const isLast = index === blocks.length - 1
    return lines.map((line, row) => `${row > 0 ? (isLast ? "   " : "│  ") : isLast ? "└─ " : "├─ "}${line}`)
  })

const inWords = (millis: number): string => {
  if (millis < 1000) return `${Math.round(millis)} ms`
  return millis < 60_000
    ? `${(millis / 1000).toFixed(1)} s`
    : `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`
}

/** On a signal, for as long as the scope is open. */
export const dumpOnSignal = (
  signal: NodeJS.Signals,
  write: (text: string) => void = (text) => void process.stderr.write(text)
): Effect.Effect<void, InvalidOption, Scope.Scope> =>
  Effect.uninterruptible(
    Effect.gen(function* () {
      const dump = Effect.runSyncWith(yield* Effect.context())
      const listener = () => write(render(dump(tree)))
      yield* Effect.try({
        try: () => process.on(signal, listener),
        catch: (cause) =>
          new InvalidOption({ option: "signal", message: `${signal} can't be listened to: ${String(cause)}` })
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => process.off(signal, listener)))
    })
  )
