/**
 * What a soak does, drawn from a seed: a row of episodes, each with a pool of its own, the calls to it, and what happens to its
 * workers. Episode `i` of a seed is always the same, whatever came before it. Only the timing is the machine's.
 */
import { Prng } from "../src/internal/explore/Prng.ts"
import type { KindName } from "./kinds.ts"

export type Place = "thread" | "process"

/** When a caller leaves its call: never; before the call begins; after a time, by an interrupt; or by the call's timeout. */
export type Leave =
  | { readonly kind: "stay" }
  | { readonly kind: "before" }
  | { readonly kind: "interrupt"; readonly millis: number }
  | { readonly kind: "timeout"; readonly millis: number }

export interface PlannedCall {
  readonly token: number
  readonly kind: KindName
  readonly n: number
  readonly leave: Leave
}

/**
 * Done in the midst of the work, when so many calls have been settled: a process is killed with SIGKILL, or stopped and
 * continued after a time; a pool gets another size.
 */
export type Strike = { readonly afterSettled: number } & (
  | {
      readonly kind: "kill" | "stop"
      /** Which of the workers that run something then, modulo their number. */
      readonly worker: number
      readonly millis: number
    }
  | { readonly kind: "resize"; readonly size: number }
)

/**
 * How it ends: after the last answer; or, when so many calls have been settled, with work in flight, or by a drain, which goes
 * on to the last answer or is cut short.
 */
type End =
  | { readonly kind: "idle" }
  | { readonly kind: "inFlight"; readonly afterSettled: number }
  | { readonly kind: "drain"; readonly afterSettled: number; readonly deadlineMillis: number | undefined }

export interface Episode {
  readonly number: number
  /** Many short tasks and few faults, or few tasks and every fault there is. */
  readonly weather: "flood" | "storm"
  readonly place: Place
  readonly size: number
  readonly concurrency: number
  readonly graceMillis: number
  /** MiB. Tasks that fill the heap come only where there is a limit. */
  readonly heapLimit: number | undefined
  /** How many calls are open at the same time. */
  readonly window: number
  /** Whether the pool's own outcomes are counted too, by the ledger of `testing/Chaos`. */
  readonly audited: boolean
  readonly calls: ReadonlyArray<PlannedCall>
  readonly strikes: ReadonlyArray<Strike>
  readonly end: End
}

/** The parts of each kind in a storm, and in a flood. */
const storm: Readonly<Partial<Record<KindName, number>>> = {
  mix: 220,
  trade: 60,
  decline: 30,
  bytes: 40,
  nap: 80,
  work: 80,
  throw: 30,
  unfit: 10,
  unsendable: 20,
  unsendableResult: 20,
  unencodableResult: 10,
  wait: 20,
  resist: 5,
  spin: 10,
  exit: 8,
  throwOutside: 8,
  bomb: 6,
  fillHeap: 4
}

const flood: Readonly<Partial<Record<KindName, number>>> = {
  mix: 60_000,
  trade: 3_000,
  decline: 1_000,
  throw: 500,
  unsendable: 200,
  bytes: 100,
  wait: 20,
  spin: 4,
  exit: 4,
  throwOutside: 4
}

const largestPool = 4

const floodCalls = 40_000
const stormCalls = 400

/** MiB: what a worker has to have at least to load this library, and little more. */
const smallHeap = 48

/** Of a seed, the episode of a number. `largest` is how many calls it may have at the most. */
export const episodeOf = (seed: number, number: number, places: ReadonlyArray<Place>, largest: number): Episode => {
  const random = new Prng()
  random.reset(seed, number)
  const chance = (percent: number): boolean => random.below(100) < percent
  const from = <A>(choices: ReadonlyArray<A>): A => choices[random.below(choices.length)] as A

  const weather = chance(40) ? "flood" : "storm"
  const place = from(places)
  const size = 1 + random.below(largestPool)
  const concurrency = chance(50) ? 1 : 2 + random.below(31)
  // In a thread this is the one task that could take the whole program with it, so it is rare there.
  const heapLimit = weather === "storm" && chance(place === "process" ? 25 : 5) ? smallHeap : undefined
  const usual = Math.min(weather === "flood" ? floodCalls : stormCalls, largest)
  const count = Math.ceil(usual * (0.5 + random.below(50) / 100))
  const kind = weighted(random, weather === "flood" ? flood : withoutHeap(storm, heapLimit))
  const leave = leaving(random, weather === "flood" ? 1 : 100)
  const first = firstToken + (number % tokenBlocks) * tokenBlock
  const planned = Array.from({ length: count }, (_, index): PlannedCall => {
    const name = kind()
    return { token: first + index, kind: name, n: random.next(), leave: leave(name) }
  })
  const strikes = Array.from({ length: random.below(6) }, () => strike(random, place, count))
  return {
    number,
    weather,
    place,
    size,
    concurrency,
    graceMillis: from([1, 5, 20, 60]),
    heapLimit,
    window: weather === "flood" ? from([64, 1024, count]) : from([size, 2 * size * concurrency, 64, count]),
    audited: weather === "storm" && chance(50),
    calls: planned,
    strikes,
    end: ending(random, count)
  }
}

/** No token is a number that a task could come by in another way, and none is another episode's. */
const firstToken = 1_000_000_000
const tokenBlock = 100_000
const tokenBlocks = 30_000

const withoutHeap = (weights: typeof storm, heapLimit: number | undefined): typeof storm =>
  heapLimit === undefined ? { ...weights, fillHeap: 0 } : weights

const weighted = (random: Prng, weights: typeof storm): (() => KindName) => {
  let total = 0
  const bounds = (Object.entries(weights) as ReadonlyArray<[KindName, number]>).map(([kind, weight]) => {
    total += weight
    return { kind, below: total }
  })
  return () => {
    const drawn = random.below(total)
    return bounds.find(({ below }) => drawn < below)?.kind ?? "mix"
  }
}

/** Milliseconds: about as long as a storm's tasks wait and run, so that every moment of a call is hit. */
const longestStay = 40

const endless: ReadonlySet<KindName> = new Set(["wait", "resist", "spin"])

/** `permille` of the callers whose task ends by itself leave early in one of the ways. */
const leaving =
  (random: Prng, permille: number) =>
  (kind: KindName): Leave => {
    const millis = random.below(longestStay)
    if (!endless.has(kind) && random.below(1000) >= 3 * permille) return { kind: "stay" }
    const way = random.below(10)
    if (way === 0) return { kind: "before" }
    return { kind: way < 6 ? "interrupt" : "timeout", millis }
  }

const strike = (random: Prng, place: Place, calls: number): Strike => {
  const afterSettled = random.below(calls)
  // Threads hear no signals.
  if (place === "thread" || random.below(2) === 0) {
    return { kind: "resize", afterSettled, size: 1 + random.below(largestPool) }
  }
  const kind = random.below(3) === 0 ? "kill" : "stop"
  return { kind, afterSettled, worker: random.next(), millis: 1 + random.below(longestStay) }
}

const ending = (random: Prng, calls: number): End => {
  const way = random.below(10)
  if (way < 6) return { kind: "idle" }
  const afterSettled = random.below(calls)
  if (way < 8) return { kind: "inFlight", afterSettled }
  return { kind: "drain", afterSettled, deadlineMillis: way === 8 ? undefined : random.below(longestStay) }
}
