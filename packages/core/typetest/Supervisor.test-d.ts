import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import type * as Process from "../src/Process.ts"
import * as Supervisor from "../src/Supervisor.ts"
import type * as Thread from "../src/Thread.ts"

interface Database {
  readonly _: unique symbol
}
interface Config {
  readonly _: unique symbol
}

declare const run: Effect.Effect<never, "e", Database>
declare const inScope: Effect.Effect<Effect.Effect<never, "e", Database>, "e", Config | Scope.Scope>
declare const thread: Effect.Effect<Thread.Thread<number, "e">, "e", Scope.Scope>
declare const child_process: Effect.Effect<Process.Process<number, "e">, "e", Scope.Scope>
declare const supervisor: Supervisor.Supervisor

// A child needs what its parts need, and no scope: it has one of its own.
expectTypeOf(Supervisor.child({ id: "a", run })).toEqualTypeOf<Supervisor.Child<Database>>()
expectTypeOf(Supervisor.child({ id: "a", run: Effect.never })).toEqualTypeOf<Supervisor.Child>()
expectTypeOf(Supervisor.child({ id: "a", start: inScope })).toEqualTypeOf<Supervisor.Child<Config | Database>>()
expectTypeOf(Supervisor.child({ id: "a", start: thread })).toEqualTypeOf<Supervisor.Child>()
expectTypeOf(Supervisor.child({ id: "a", start: child_process })).toEqualTypeOf<Supervisor.Child>()
expectTypeOf(
  Supervisor.child({ id: "a", start: Supervisor.make({ children: [Supervisor.child({ id: "b", run })] }) })
).toEqualTypeOf<Supervisor.Child<Database>>()

// A check is given what start answers with, and its services count.
expectTypeOf(
  Supervisor.child({
    id: "a",
    start: thread,
    health: {
      check: (running) => {
        expectTypeOf(running).toEqualTypeOf<Thread.Thread<number, "e">>()
        return Effect.void as Effect.Effect<void, "e", Config>
      },
      schedule: Schedule.spaced("1 second")
    }
  })
).toEqualTypeOf<Supervisor.Child<Config>>()

// A supervisor needs what its children need.
expectTypeOf(
  Supervisor.make({
    children: [Supervisor.child({ id: "a", run }), Supervisor.child({ id: "b", start: inScope })],
    backoff: Schedule.exponential("100 millis")
  })
).toEqualTypeOf<
  Effect.Effect<
    Supervisor.Supervisor,
    Supervisor.ChildStartFailed | Supervisor.InvalidOption,
    Scope.Scope | Database | Config
  >
>()
expectTypeOf(Supervisor.make({})).toEqualTypeOf<
  Effect.Effect<Supervisor.Supervisor, Supervisor.ChildStartFailed | Supervisor.InvalidOption, Scope.Scope>
>()
expectTypeOf(Supervisor.launch({ children: [Supervisor.child({ id: "a", run })] })).toEqualTypeOf<
  Effect.Effect<void, Supervisor.SupervisorError | Supervisor.ChildStartFailed | Supervisor.InvalidOption, Database>
>()

expectTypeOf(supervisor.join).toEqualTypeOf<
  Effect.Effect<void, Supervisor.RestartIntensityReached | Supervisor.ChildStuck>
>()
expectTypeOf(supervisor.events).toEqualTypeOf<Stream.Stream<Supervisor.SupervisorEvent>>()
expectTypeOf(supervisor.startChild(Supervisor.child({ id: "a", run }))).toEqualTypeOf<
  Effect.Effect<
    void,
    Supervisor.ChildExists | Supervisor.ChildStartFailed | Supervisor.SupervisorStopped | Supervisor.InvalidOption,
    Database
  >
>()
expectTypeOf<Supervisor.RestartIntensityReached["cause"]>().toEqualTypeOf<Cause.Cause<unknown>>()

declare const aware: Schedule.Schedule<number, Exit.Exit<unknown, unknown>>
expectTypeOf(aware).toExtend<Supervisor.Backoff>()

// The template's services are those of whoever makes the supervisor, not of whoever adds a child.
const rooms = Supervisor.makeDynamic({ child: (id: string) => Supervisor.child({ id, run }) })
expectTypeOf(rooms).toEqualTypeOf<
  Effect.Effect<Supervisor.DynamicSupervisor<string>, Supervisor.InvalidOption, Database | Scope.Scope>
>()

// @ts-expect-error a child has something to run
Supervisor.child({ id: "a" })
// @ts-expect-error and one thing only
Supervisor.child({ id: "a", run, start: inScope })
// @ts-expect-error start answers with what runs, not with nothing
Supervisor.child({ id: "a", start: Effect.void })
// @ts-expect-error a child has an id
Supervisor.child({ run })
// @ts-expect-error no such strategy
Supervisor.make({ strategy: "simpleOneForOne" })
// @ts-expect-error a child is made by Supervisor.child
Supervisor.make({ children: [Effect.never] })
// @ts-expect-error its input is the template's
Effect.flatMap(rooms, (rooms) => rooms.startChild(1))
// @ts-expect-error a child of a template is forgotten when it ends: there is nothing to restart
Effect.flatMap(rooms, (rooms) => rooms.restartChild("a"))
