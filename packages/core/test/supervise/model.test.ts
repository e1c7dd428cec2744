/** Random crashes against a small model of the strategies: who stops and starts, in which order, and when it is enough. */
import { assert, describe, it } from "@effect/vitest"
import * as Supervisor from "@ropewalk/core/Supervisor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { settled, statuses, troupe } from "../support/troupe.ts"

const ids = ["a", "b", "c", "d"] as const

const Happening = Schema.Struct({
  what: Schema.Literals(["crash", "crash", "end", "terminate", "restart", "breakNextStart"]),
  child: Schema.Literals(ids)
})
type Happening = typeof Happening.Type

const Kind = Schema.Literals(["permanent", "transient", "temporary"])

const Case = Schema.Struct({
  strategy: Schema.Literals(["oneForOne", "oneForAll", "restForOne"]),
  kinds: Schema.Tuple([Kind, Kind, Kind, Kind]),
  restarts: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 })),
  happenings: Schema.Array(Happening).check(Schema.isMaxLength(15))
})
type Case = typeof Case.Type

/** What a supervisor is, without time, fibers and messages. */
class Model {
  log: Array<string> = []
  readonly broken = new Map<string, number>()
  ended = false
  private children: ReadonlyArray<{ readonly id: string; readonly kind: Supervisor.Restart; up: boolean }>
  private readonly strategy: Supervisor.Strategy
  private left: number

  constructor({ kinds, restarts, strategy }: Case) {
    this.strategy = strategy
    this.left = restarts
    this.children = ids.map((id, index) => ({ id, kind: kinds[index] ?? "permanent", up: false }))
    for (const child of this.children) this.start(child)
  }

  get up(): ReadonlyArray<string> {
    return this.children.filter(({ up }) => up).map(({ id }) => id)
  }

  get known(): ReadonlyArray<string> {
    return this.children.map(({ id }) => id)
  }

  isUp(id: string): boolean {
    return this.up.includes(id)
  }

  apply({ child: id, what }: Happening): void {
    const child = this.children.find((child) => child.id === id)
    if (what === "breakNextStart") this.broken.set(id, (this.broken.get(id) ?? 0) + 1)
    if (child === undefined || this.ended) return
    if (what === "restart" && !child.up) this.start(child)
    if (!child.up || what === "restart" || what === "breakNextStart") return
    this.stop(child)
    if (child.kind === "temporary") this.forget([child])
    else if (what === "crash" || (what === "end" && child.kind === "permanent")) this.restart(child)
  }

  close(): void {
    if (!this.ended) this.stopAll(this.children)
    this.ended = true
  }

  private restart(failed: Model["children"][number]): void {
    if (this.left-- === 0) return this.close()
    const from = { oneForOne: this.children.indexOf(failed), oneForAll: 0, restForOne: this.children.indexOf(failed) }
    const start = from[this.strategy]
    const group = this.children.slice(start, this.strategy === "oneForOne" ? start + 1 : undefined)
    this.stopAll(group)
    this.forget(group.filter(({ kind }) => kind === "temporary"))
    for (const child of group.filter(({ kind }) => kind !== "temporary")) {
      if (!this.start(child)) return this.restart(child)
    }
  }

  private start(child: Model["children"][number]): boolean {
    const broken = this.broken.get(child.id) ?? 0
    if (broken > 0) this.broken.set(child.id, broken - 1)
    else this.log.push(`+${child.id}`)
    child.up = broken === 0
    return child.up
  }

  private stop(child: Model["children"][number]): void {
    if (child.up) this.log.push(`-${child.id}`)
    child.up = false
  }

  private stopAll(children: Model["children"]): void {
    for (const child of children.toReversed()) this.stop(child)
  }

  private forget(gone: Model["children"]): void {
    this.children = this.children.filter((child) => !gone.includes(child))
  }
}

describe("a supervisor and its model", () => {
  it.effect.prop(
    "S35: agree on who stops, who starts, in which order, and when it is enough",
    [Case],
    ([given]) =>
      Effect.gen(function* () {
        const { kinds, restarts, strategy } = given
        const model = new Model(given)
        const { child, crash, end, entries, nextStarts } = troupe()
        const scope = yield* Scope.make()
        const supervisor = yield* Scope.provide(
          Supervisor.make({
            strategy,
            children: ids.map((id, index) => child(id, { restart: kinds[index] })),
            intensity: { restarts, within: "1 hour" }
          }),
          scope
        )
        for (const happening of given.happenings) {
          const { child: id, what } = happening
          const isUp = model.isUp(id)
          model.apply(happening)
          if (what === "breakNextStart") {
            const times = model.broken.get(id) ?? 0
            nextStarts(id, ...Array.from({ length: times }, () => Effect.fail("broken")))
          } else if (what === "restart") yield* Effect.ignore(supervisor.restartChild(id))
          else if (what === "terminate") yield* Effect.ignore(supervisor.terminateChild(id))
          else if (isUp && !(yield* isOver(supervisor))) yield* what === "crash" ? crash(id) : end(id, Effect.void)
          yield* settled(supervisor)
          assert.deepEqual(entries, model.log)
          assert.equal(yield* isOver(supervisor), model.ended)
          const children = yield* statuses(supervisor)
          assert.deepEqual(
            children.filter((child) => child.endsWith(" running")),
            model.up.map((id) => `${id} running`)
          )
          if (!model.ended)
            assert.deepEqual(
              children.map((child) => child.split(" ")[0]),
              [...model.known]
            )
        }
        model.close()
        yield* Scope.close(scope, Exit.void)
        assert.deepEqual(entries, model.log)
      }),
    { arbitrary: { runs: 400, size: 15 } }
  )
})

/** Ended, or about to: whatever it is asked then is refused. */
const isOver = (supervisor: Supervisor.Supervisor) =>
  Effect.map(Effect.flip(supervisor.deleteChild("nobody")), ({ _tag }) => _tag === "SupervisorStopped")
