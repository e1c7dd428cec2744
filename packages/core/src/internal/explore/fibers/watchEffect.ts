/**
 * What Effect's own objects tell of who touches them. While somebody explores with that in mind, the fields of a `Ref`, a
 * `Deferred`, a `Queue`, a fiber... are accessors: the first field that a constructor sets moves the new object to a
 * prototype on which they are. The object stays what it is for ever; prototypes of Effect are as before in the end.
 *
 * Objects that keep their state to themselves (`Latch`, `PubSub`) are watched by their methods, and whoever calls one
 * touches everything. An asynchronous operation that touches nothing known does, too.
 *
 * @internal
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as MutableHashMap from "effect/MutableHashMap"
import * as MutableRef from "effect/MutableRef"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { listenTo } from "../../touched.ts"
import { isKnown, made, recording, told, touch } from "./Recorder.ts"

/** `cell`: to read it reads the object. `box`: what is in it can be changed, so that to read it may be to write. */
type Fields = Readonly<Record<string, "cell" | "box">>

/** Begins to watch. What it returns ends it. */
type Install = () => () => void

type Slots = Record<string | symbol, unknown>

const prototypeOf = (sample: object): object => Object.getPrototypeOf(sample)

/** Runs with Effect's objects being watched. */
export const watching = <A>(run: () => A): A => {
  watchers++
  if (watchers === 1) {
    installs ??= everything()
    uninstalls = installs.map((install) => install())
    listenTo(told)
  }
  try {
    return run()
  } finally {
    watchers--
    if (watchers === 0) {
      for (const uninstall of uninstalls) uninstall()
      listenTo(undefined)
    }
  }
}

/** An exploration may take place within another. */
let watchers = 0
let installs: ReadonlyArray<Install> | undefined
let uninstalls: ReadonlyArray<() => void> = []

const watchedScopes = new WeakSet<Scope.Scope>()

/** A scope is a plain object: it is watched from when a fiber comes to be in it. */
export const watchScope = (scope: Scope.Scope): void => {
  if (isKnown(scope)) return
  touch(scope)
  if (watchedScopes.has(scope)) return
  watchedScopes.add(scope)
  let { state } = scope
  Object.defineProperty(scope, "state", {
    configurable: true,
    enumerable: true,
    get: () => {
      touch(scope)
      return state
    },
    set: (value) => {
      touch(scope)
      state = value
    }
  })
}

/** What an asynchronous operation of this fiber is given to go on with, whenever it calls that. */
export const watchAsync = <A extends object>(operation: A, fiber: object): A => {
  if (operation === Effect.never) return operation
  const { register, withSignal } = operation as A & { register: Method; withSignal: boolean }
  return Object.assign(Object.create(prototypeOf(operation)), {
    withSignal,
    register(this: object, resume: Method, signal: unknown) {
      const told = recording()?.told
      let resumed = false
      const watched: Method = function (this: object, effect) {
        resumed = true
        recording()?.touchFiber(fiber)
        return resume.call(this, effect)
      }
      const cancel = register.call(this, watched, signal)
      // It waits for something that nobody here knows.
      if (!resumed && recording()?.told === told) touchEverything()
      return cancel
    }
  })
}

export const asynchronous = Object.getPrototypeOf(Effect.never) as object

/** Objects made from now on tell of each access to these fields. With `apart`, each field can be touched on its own. */
const fields = (prototype: object, watched: Fields, apart = false, more: PropertyDescriptorMap = {}): Install => {
  const telling = Object.create(prototype, more)
  const adopting: PropertyDescriptorMap = {}
  for (const [index, [field, kind]] of Object.entries(watched).entries()) {
    const slot = Symbol(field)
    const part = apart ? index + 1 : 0
    Object.defineProperty(telling, field, {
      configurable: true,
      get(this: Slots) {
        touch(this, kind === "box", part)
        return this[slot]
      },
      set(this: Slots, value) {
        touch(this, true, part)
        this[slot] = value
      }
    })
    adopting[field] = {
      configurable: true,
      get: () => undefined,
      set(this: Slots, value) {
        Object.setPrototypeOf(this, telling)
        made(this)
        this[field] = value
      }
    }
  }
  return () => {
    Object.defineProperties(prototype, adopting)
    return () => {
      for (const field of Object.keys(watched)) Reflect.deleteProperty(prototype, field)
    }
  }
}

type Method = (this: object, ...args: Array<any>) => unknown

/** Whoever calls one of these methods, or asks for one of these properties, does `tell`. */
const calls = (prototype: object, tell: (object: object) => void, names = methodsOf(prototype)): Install => {
  const original = Object.getOwnPropertyDescriptors(prototype) as Record<string, PropertyDescriptor>
  return () => {
    for (const name of names) {
      const { get, value, ...rest } = original[name]!
      const watched = (called: Method): Method =>
        function (this: object, ...args) {
          tell(this)
          return Reflect.apply(called, this, args)
        }
      const telling = get === undefined ? { ...rest, value: watched(value) } : { ...rest, get: watched(get as Method) }
      Object.defineProperty(prototype, name, telling as PropertyDescriptor)
    }
    return () => {
      for (const name of names) Object.defineProperty(prototype, name, original[name]!)
    }
  }
}

const methodsOf = (prototype: object): ReadonlyArray<string> =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { get, value }]) =>
    name !== "constructor" && name !== "pipe" && (get !== undefined || typeof value === "function") ? [name] : []
  )

const touchEverything = () => recording()?.touchEverything()

/** Who observes a fiber is called when it ends, in its step: what the callback does, it does in the observer's name. */
const observers = (prototype: object): PropertyDescriptorMap => {
  type Observer = (exit: unknown) => void
  const { addObserver, interruptUnsafe, removeObserver } = prototype as Record<string, Method>
  const telling = new WeakMap<Observer, Observer>()
  return {
    addObserver: {
      value(this: object, observer: Observer) {
        const owner = recording()?.ownerOr(Fiber.getCurrent())
        const watched: Observer = (exit) => {
          const recorder = recording()
          if (recorder === undefined) observer(exit)
          else recorder.inNameOf(owner, () => observer(exit))
        }
        telling.set(observer, watched)
        return addObserver!.call(this, watched)
      }
    },
    removeObserver: {
      value(this: object, observer: Observer) {
        return removeObserver!.call(this, telling.get(observer) ?? observer)
      }
    },
    interruptUnsafe: {
      value(this: object, ...args: Array<unknown>) {
        recording()?.touchFiber(this)
        return interruptUnsafe!.apply(this, args)
      }
    }
  }
}

const everything = (): ReadonlyArray<Install> => {
  const scoped = <A extends object>(make: Effect.Effect<A, never, Scope.Scope>) =>
    prototypeOf(Effect.runSync(Effect.scoped(make)))
  const fiber = prototypeOf(Effect.runFork(Effect.void))
  const semaphore = prototypeOf(Semaphore.makeUnsafe(1))
  const buffers = [1, 2, 3].map((capacity) => PubSub.makeAtomicBounded<unknown>(capacity))
  return [
    fields(prototypeOf(MutableRef.make(0)), { current: "cell" }),
    fields(prototypeOf(Deferred.makeUnsafe()), { effect: "cell", resumes: "box" }),
    fields(prototypeOf(Effect.runSync(Queue.unbounded())), { messages: "box", state: "box" }),
    fields(prototypeOf(MutableHashMap.empty()), { backing: "box", buckets: "box" }),
    fields(scoped(FiberSet.make()), { state: "box" }),
    fields(scoped(FiberMap.make()), { state: "box" }),
    fields(scoped(FiberHandle.make()), { state: "box" }),
    fields(fiber, { _exit: "cell", _observers: "box", _children: "box" }, true, observers(fiber)),
    // A semaphore's fields are its own, but nobody looks at them without one of these. Its constructor calls the last.
    calls(semaphore, (object) => touch(object), ["free", "releaseUnsafe"]),
    calls(semaphore, (object) => (isKnown(object) ? undefined : made(object)), ["withPermits"]),
    // It takes one of these to change a latch. To look at one needs nothing.
    calls(prototypeOf(Latch.makeUnsafe()), touchEverything, ["scheduleUnsafe", "openUnsafe", "closeUnsafe"]),
    ...[...buffers, PubSub.makeAtomicUnbounded<unknown>()].flatMap((buffer) => [
      calls(prototypeOf(buffer), touchEverything),
      calls(prototypeOf(buffer.subscribe()), touchEverything)
    ])
  ]
}
