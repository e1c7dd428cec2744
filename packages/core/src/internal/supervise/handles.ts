/**
 * What users hold of a supervisor: the handles, over a core that is served.
 *
 * @internal
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type {
  AnyChild,
  Child,
  ChildCounts,
  ChildInfo,
  DynamicOptions,
  DynamicSupervisor,
  Options,
  Supervisor
} from "../../Supervisor.ts"
import type { InvalidOption } from "../errors.ts"
import { count } from "../options.ts"
import type { ChildRecord } from "./ChildRecord.ts"
import type { Core } from "./Core.ts"
import type { ChildExists, ChildStartFailed, SupervisorStopped } from "./errors.ts"
import { deleteChild, restartChild, startChild, terminateChild } from "./requests.ts"
import { close, serveChildren } from "./server.ts"
import { settingsOf, specOf } from "./spec.ts"

type StartError = ChildExists | ChildStartFailed | SupervisorStopped | InvalidOption

const TypeId = "~ropewalk/Supervisor"

export const supervisor = (
  options: Options
): Effect.Effect<Supervisor, ChildStartFailed | InvalidOption, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const specs = yield* Effect.forEach(options.children ?? [], ({ options }) => specOf(options, settings))
    const core = yield* serveChildren({ ...settings, dynamic: false, maxChildren: Number.POSITIVE_INFINITY }, specs)
    return {
      ...observable(core),
      startChild: <R>(child: Child<R>) =>
        Effect.catchTag(add(core, child), "TooManyChildren", Effect.die) as Effect.Effect<void, StartError, R>,
      terminateChild: (id) => terminateChild(core, id),
      restartChild: (id) => restartChild(core, id),
      deleteChild: (id) => deleteChild(core, id)
    }
  })

export const dynamicSupervisor = <Input, R>(
  options: DynamicOptions<Input, R>
): Effect.Effect<DynamicSupervisor<Input>, InvalidOption, R | Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const { maxChildren } = options
    const core = yield* Effect.catchTag(
      serveChildren(
        {
          ...settings,
          dynamic: true,
          maxChildren: maxChildren === undefined ? Number.POSITIVE_INFINITY : yield* count("maxChildren", maxChildren)
        },
        []
      ),
      // There is none to start.
      "ChildStartFailed",
      Effect.die
    )
    return {
      ...observable(core),
      startChild: (input) =>
        Effect.suspend(() => {
          const child = options.child(input)
          return Effect.as(Effect.provideContext(add(core, child), core.services), child.id)
        }),
      terminateChild: (id) => terminateChild(core, id)
    }
  })

const add = (core: Core, { options }: AnyChild) =>
  Effect.flatMap(specOf(options, core.options), (spec) =>
    Effect.flatMap(Effect.context<never>(), (services) => startChild(core, spec, services))
  )

const observable = (core: Core) => ({
  [TypeId]: TypeId as typeof TypeId,
  name: core.name,
  join: Effect.acquireUseRelease(
    Effect.sync(() => core.joining++),
    () =>
      Effect.onExit(Deferred.await(core.ended), () =>
        Effect.sync(() => {
          core.heard ||= Deferred.isDoneUnsafe(core.ended)
        })
      ),
    () => Effect.sync(() => core.joining--)
  ),
  shutdown: Effect.asVoid(close(core)),
  whichChildren: Effect.sync(() => core.children.map(infoOf)),
  countChildren: Effect.sync(() => countsOf(core.children)),
  events: core.events.stream
})

const infoOf = ({ id, isSupervisor, restarts, spec, status }: ChildRecord): ChildInfo => ({
  id,
  status,
  restart: spec.restart,
  kind: isSupervisor ? "supervisor" : "worker",
  restarts
})

const countsOf = (children: ReadonlyArray<ChildRecord>): ChildCounts => {
  const supervisors = children.filter(({ isSupervisor }) => isSupervisor).length
  return {
    specs: children.length,
    active: children.filter(({ run }) => run !== undefined).length,
    supervisors,
    workers: children.length - supervisors
  }
}
