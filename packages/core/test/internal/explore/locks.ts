/** Locks between threads as protocols over words: one that loses a wake-up, its twin that does not, and one that outlives its holder. */
import {
  add,
  cas,
  exchange,
  fail,
  load,
  type Protocol,
  store,
  wait,
  wake
} from "../../../src/internal/explore/wordSteps.ts"
import type { Program, Words } from "../../../src/internal/explore/words.ts"

type Names = "lock" | "waiting" | "inside"

interface Lock {
  readonly lock: (words: Words<Names>, self: number) => Protocol
  readonly unlock: (words: Words<Names>, self: number) => Protocol
}

/**
 * Two states, 0 free and 1 held, and beside it a word that says that somebody waits. Who unlocks looks at that word
 * first, to spare the wake-up: whoever comes to wait between the look and the unlock is never woken.
 */
const twoState: Lock = {
  *lock({ lock, waiting }) {
    while ((yield cas(lock, 0, 1)) !== 0) {
      yield store(waiting, 1)
      yield wait(lock, 1)
    }
  },
  *unlock({ lock, waiting }) {
    const somebodyWaits = (yield load(waiting)) === 1
    yield store(lock, 0)
    if (somebodyWaits) yield wake(lock)
  }
}

/** Three states in one word, 0 free, 1 held, 2 held and perhaps waited for: `mutex2` of Drepper, "Futexes are tricky". */
const threeState: Lock = {
  *lock({ lock }) {
    let before = yield cas(lock, 0, 1)
    if (before === 0) return
    if (before !== 2) before = yield exchange(lock, 2)
    while (before !== 0) {
      yield wait(lock, 2)
      before = yield exchange(lock, 2)
    }
  },
  *unlock({ lock }) {
    if ((yield add(lock, -1)) === 1) return
    yield store(lock, 0)
    yield wake(lock, 1)
  }
}

const contended = 1
const heldBy = (self: number): number => (self + 1) << 1

/** The same three states with the holder's name in the word, so that a reaper knows what died with it. */
const owned: Lock = {
  *lock({ lock }, self) {
    let mine = heldBy(self)
    for (;;) {
      const held = yield cas(lock, 0, mine)
      if (held === 0) return
      // Whoever has waited does not know who else does.
      mine |= contended
      const marked = (held & contended) !== 0 || (yield cas(lock, held, held | contended)) === held
      if (marked) yield wait(lock, held | contended)
    }
  },
  *unlock({ lock }) {
    if (((yield exchange(lock, 0)) & contended) !== 0) yield wake(lock, 1)
  }
}

/** Frees what the dead agent held, and wakes all: it may also have died with a wake-up that was meant for another. */
export function* reaper({ lock }: Words<Names>, dead: number): Protocol {
  const held = yield load(lock)
  if ((held & ~contended) === heldBy(dead)) yield store(lock, 0)
  yield wake(lock)
}

/** Wakes only if the dead agent held the lock: what died with a wake-up in hand is lost. */
export function* thriftyReaper({ lock }: Words<Names>, dead: number): Protocol {
  const held = yield load(lock)
  if ((held & ~contended) !== heldBy(dead)) return
  yield store(lock, 0)
  yield wake(lock)
}

/** Each agent locks, is inside for two steps in which nobody else may be, and unlocks. */
const using = ({ lock, unlock }: Lock, agents: number): Program<Names> => ({
  words: { lock: 0, waiting: 0, inside: 0 },
  agents: Array.from(
    { length: agents },
    () =>
      function* (words, self) {
        yield* lock(words, self)
        yield store(words.inside, self)
        if ((yield load(words.inside)) !== self) yield fail("another was inside as well")
        yield* unlock(words, self)
      }
  )
})

export const twoStateLock = (agents: number) => using(twoState, agents)
export const threeStateLock = (agents: number) => using(threeState, agents)
export const ownedLock = (agents: number) => using(owned, agents)
/** No lock at all. */
export const noLock = (agents: number) => using({ *lock() {}, *unlock() {} }, agents)
