/**
 * A stage that works on each element: within the pull of the next stage, or a window of them at a time.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { afterPull, asEffect, type Element, isNow, mostAtOnce, type Pull, type Pulled } from "./Element.ts"
import { upstreamOf } from "./open.ts"
import type { Opening } from "./Stage.ts"
import type { StageMeter } from "./StageMeter.ts"
import { type Defaults, type LooseOptions, settingsOf } from "./StageOptions.ts"
import { Window } from "./Window.ts"
import { Work } from "./Work.ts"

export interface EachOptions {
  /** What it answers with, or the Effect's success, is the answer. */
  readonly call: (value: unknown, index: number) => unknown
  /** Puts the answer into the element, or drops the element. */
  readonly land: (element: Element, answer: unknown) => void
  readonly options: LooseOptions
  readonly defaults?: Defaults | undefined
  readonly keyOf?: ((value: unknown) => unknown) | undefined
  /** The task itself heeds the time limit: the stage does not. */
  readonly isTimed?: boolean | undefined
}

export const workEach =
  (each: EachOptions) =>
  (opening: Opening): Effect.Effect<Pull, unknown> =>
    Effect.gen(function* () {
      const { call, defaults, isTimed, keyOf, land, options } = each
      const { meter, run, scope, spanEvery } = opening
      const { timeout, ...settings } = yield* settingsOf(options, defaults)
      const upstream = yield* upstreamOf(opening)
      const limit = isTimed ? undefined : timeout
      const traced = spanEvery === undefined ? call : (run.spans?.sampled(meter.node, call, spanEvery) ?? call)
      const work = new Work({ stage: meter.node.name, meter, call: traced, land, timeout: limit, options })
      if (settings.concurrency === 1 && settings.buffer === 0 && keyOf === undefined)
        return inline(upstream, work, meter)
      const window = new Window({ ...settings, work, meter, fork: run.fork, keyOf })
      yield* Scope.addFinalizer(scope, window.stop)
      yield* Effect.forkIn(feed(upstream, window), scope, { startImmediately: true })
      return results(window)
    })

/** Takes from the stage before when there is room, and no sooner. */
const feed = (upstream: Pull, window: Window): Effect.Effect<void> => {
  const room = Effect.callback<void>((resume) => window.whenRoom(() => resume(Effect.void)))
  const add = (elements: ReadonlyArray<Element>): void => window.add(elements)
  const next = Effect.suspend(() => {
    if (window.room <= 0) return room
    const pulled = upstream(Math.min(window.room, mostAtOnce))
    if (!isNow(pulled)) return Effect.map(pulled, add)
    add(pulled)
    // What was begun gets on before more is, where nothing else would hold it up.
    return window.room >= mostAtOnce ? Effect.yieldNow : Effect.void
  })
  return Effect.matchCause(Effect.forever(next, { disableYield: true }), {
    onFailure: (cause) => window.close(cause),
    onSuccess: () => {}
  })
}

const results = (window: Window): Pull => {
  const pull = (most: number): Pulled => {
    const elements = window.take(most)
    if (elements.length > 0) return elements
    if (window.failure !== undefined) return Effect.andThen(window.stop, Effect.failCause(window.failure))
    if (window.end !== undefined) return Effect.failCause(window.end)
    // Answers come in bursts: what else has come by then goes along.
    return Effect.callback((resume) =>
      window.whenReady(() => resume(Effect.flatMap(Effect.yieldNow, () => asEffect(pull(most)))))
    )
  }
  return pull
}

/**
 * One element at a time, when the next stage asks; as many as it asks for, while they need no more than a call.
 */
const inline = (upstream: Pull, work: Work, meter: StageMeter): Pull => {
  /** Pulled, and not worked on yet: what follows an element that takes its time. */
  let rest: ReadonlyArray<Element> = []
  /** Begun by a call, and waiting for those before it to be taken. */
  let begun: Effect.Effect<ReadonlyArray<Element>, unknown> | undefined
  let failure: Effect.Effect<never, unknown> | undefined
  /** What takes its time, in an array: there is one at a time. */
  let current: ReadonlyArray<Element> = []
  /** Whether an element has ever needed more than a call: then none is pulled before its turn. Nobody knows of the first. */
  let isSlow: boolean | undefined

  const fail = (element: Element, cause: Cause.Cause<unknown>): Effect.Effect<never, unknown> => {
    failure = Effect.failCause(work.fail(element, cause))
    return failure
  }

  const given = (elements: ReadonlyArray<Element>): ReadonlyArray<Element> => {
    meter.out += elements.length
    return elements
  }

  const finish = {
    onSuccess: (answer: unknown) => {
      const element = current[0] as Element
      work.succeed(element, answer)
      return asEffect(element.state === "ready" ? given(current) : pull(1))
    },
    onFailure: (cause: Cause.Cause<unknown>) => fail(current[0] as Element, cause)
  }

  /** `undefined`: it is done. */
  const begin = (element: Element): Effect.Effect<ReadonlyArray<Element>, unknown> | undefined => {
    try {
      const effect = work.begin(element)
      return effect === undefined ? undefined : Effect.matchCauseEffect(effect, finish)
    } catch (thrown) {
      return fail(element, Cause.die(thrown))
    }
  }

  const note = (tookTime: boolean): void => {
    isSlow = isSlow === true || tookTime
  }

  /** The usual case of work that takes its time, said on its own because it is the dearest one. */
  const throughOne = (elements: ReadonlyArray<Element>): Pulled => {
    const element = elements[0] as Element
    const effect = begin(element)
    note(effect !== undefined)
    if (effect === undefined) return element.state === "ready" ? given(elements) : again
    current = elements
    return effect
  }

  const through = (elements: ReadonlyArray<Element>): Pulled => {
    if (elements.length === 1) return throughOne(elements)
    const done: Array<Element> = []
    for (let at = 0; at < elements.length; at++) {
      const element = elements[at] as Element
      const effect = begin(element)
      if (effect === undefined) {
        if (element.state === "ready") done.push(element)
        continue
      }
      note(true)
      current = [element]
      rest = elements.slice(at + 1)
      if (done.length === 0) return effect
      begun = effect
      break
    }
    // All were left out. An effect, so that an endless input does not hold the thread.
    return done.length > 0 ? given(done) : again
  }

  const pull: Pull = (most) => {
    if (begun !== undefined) {
      const effect = begun
      begun = undefined
      return effect
    }
    if (failure !== undefined) return failure
    if (rest.length > 0) {
      const elements = rest
      rest = []
      return through(elements)
    }
    return afterPull(upstream(isSlow === false ? most : 1), through)
  }
  const again = Effect.suspend(() => asEffect(pull(1)))
  return pull
}
