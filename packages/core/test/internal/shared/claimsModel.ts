/** A parent that revokes what it offers, and a worker that claims it, as a program over words: the real `Claims` among them. */
import {
  add,
  fail,
  load,
  type Protocol,
  store,
  type Word,
  wait,
  wake
} from "../../../src/internal/explore/wordSteps.ts"
import type { Program, Words } from "../../../src/internal/explore/words.ts"
import { Claims, nextTicket } from "../../../src/internal/shared/claims.ts"
import { type Perform, running } from "./running.ts"

/** The last offer and the last answer, and by task: how often it was started, and how often it was given to another. */
type Names = "slot" | "offer" | "answer" | "started1" | "started2" | "elsewhere1" | "elsewhere2"
type ClaimWords = Words<Names>

export interface Setting {
  readonly claims?: new (memory: SharedArrayBuffer, byteOffset: number, slots: number) => AnyClaims
  /** One after the other in the same slot; 2 when absent. */
  readonly tasks?: 1 | 2
  /** Whether the parent tries to have them back; true when absent. */
  readonly revokes?: boolean
  /** The ticket before that of the first task. */
  readonly lastTicket?: number
  /** What the slot holds before. */
  readonly slot?: number
  readonly deaths?: number
}

type AnyClaims = Pick<Claims, "claim" | "revoke" | "isClaimed">

const layout = { 0: "slot" } as const

/** In place of an offer or an answer: the other side has ended. */
const ended = 9

export const claimsProgram = (setting: Setting): Program<Names> => {
  const { claims: SomeClaims = Claims, deaths = 0, lastTicket = 0, revokes = true, slot = lastTicket << 1 } = setting
  const tasks = [1, 2].slice(0, setting.tasks)
  const ticketOf = (task: number) => tasks.slice(0, task).reduce(nextTicket, lastTicket)

  const worker = running<Names>(layout, (memory, perform, words) => {
    const claims = new SomeClaims(memory, 0, 1)
    for (const task of tasks) {
      if (changed(perform, words.offer, task - 1) === ended) return
      if (claims.claim(0, ticketOf(task))) perform(add(startedOf(words, task), 1))
      say(perform, words.answer, task)
    }
  })

  const parent = running<Names>(layout, (memory, perform, words) => {
    const claims = new SomeClaims(memory, 0, 1)
    for (const task of tasks) {
      const ticket = ticketOf(task)
      say(perform, words.offer, task)
      const revoked = revokes && claims.revoke(0, ticket)
      if (revoked) perform(add(elsewhereOf(words, task), 1))
      const answer = changed(perform, words.answer, task - 1)
      const claimed = claims.isClaimed(0, ticket)
      if (claimed && revoked) perform(fail(`task ${task} is claimed and revoked`))
      // Of a worker that has ended, the parent knows no more than this: claimed, and perhaps started, or not.
      const times = perform(load(startedOf(words, task)))
      if (times > Number(claimed)) perform(fail(`task ${task} was started, and looks as if it was not`))
      if (answer === ended) return
      if (times + Number(revoked) !== 1) perform(fail(`task ${task} is nobody's`))
    }
  })

  return {
    words: { slot, offer: 0, answer: 0, started1: 0, started2: 0, elsewhere1: 0, elsewhere2: 0 },
    agents: [worker, parent],
    deaths,
    reaper: (words, dead) => exitEvent(dead === 0 ? words.answer : words.offer),
    invariant: (words) => {
      const twice = tasks.find((task) => startedOf(words, task).value + elsewhereOf(words, task).value > 1)
      return twice === undefined ? undefined : `task ${twice} was started twice`
    }
  }
}

const startedOf = (words: ClaimWords, task: number) => (task === 1 ? words.started1 : words.started2)
const elsewhereOf = (words: ClaimWords, task: number) => (task === 1 ? words.elsewhere1 : words.elsewhere2)

const say = (perform: Perform, word: Word, value: number) => {
  perform(store(word, value))
  perform(wake(word))
}

const changed = (perform: Perform, word: Word, before: number): number => {
  for (;;) {
    const value = perform(load(word))
    if (value !== before) return value
    perform(wait(word, before))
  }
}

function* exitEvent(word: Word): Protocol {
  yield store(word, ended)
  yield wake(word)
}
