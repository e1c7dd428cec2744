import { describe, expect, it } from "@effect/vitest"
import { independent } from "../../../src/internal/explore/sleepSet.ts"
import {
  accessesOf,
  add,
  cas,
  describe as describeStep,
  exchange,
  fail,
  load,
  type Step,
  store,
  Word,
  wait,
  wake
} from "../../../src/internal/explore/wordSteps.ts"

const wordOf = (value: number, ...sleepers: ReadonlyArray<number>) => named("word", value, ...sleepers)

const named = (name: string, value: number, ...sleepers: ReadonlyArray<number>) => {
  const word = new Word(name, value)
  word.sleepers.push(...sleepers)
  return word
}

describe("what can change places", () => {
  const commute = (one: Step, other: Step) => independent(accessesOf(one), accessesOf(other))
  const [idle, slept, another] = [wordOf(0), wordOf(0, 1, 2), named("another", 0)]

  it.each<[string, Step, Step, boolean]>([
    ["two loads", load(idle), load(idle), true],
    ["stores of two words", store(idle, 1), store(another, 1), true],
    ["two stores", store(idle, 1), store(idle, 1), false],
    ["a load and an addition", load(idle), add(idle, 1), false],
    ["a load and an exchange", load(idle), exchange(idle, 1), false],
    ["two compare-and-sets that would fail", cas(idle, 5, 1), cas(idle, 6, 1), true],
    ["one that would fail and one that would not", cas(idle, 5, 1), cas(idle, 0, 1), false],
    ["falling asleep and a load", wait(idle, 0), load(idle), true],
    ["falling asleep and a store", wait(idle, 0), store(idle, 1), false],
    ["falling asleep, one before the other", wait(idle, 0), wait(idle, 0), false],
    ["falling asleep and a wake-up", wait(idle, 0), wake(idle, 1), false],
    ["not falling asleep and a wake-up", wait(idle, 5), wake(idle, 1), true],
    ["two wake-ups of nobody", wake(idle, 1), wake(idle), true],
    ["two wake-ups of sleepers", wake(slept, 1), wake(slept), false],
    ["a wake-up and a store", wake(slept, 1), store(slept, 1), true],
    ["a failure and anything", fail("no"), store(idle, 1), true]
  ])("%s: %s", (_name, one, other, expected) => {
    expect(commute(one, other)).toBe(expected)
    expect(commute(other, one)).toBe(expected)
  })
})

describe("steps in words", () => {
  const word = wordOf(0)
  it.each<[Step, number, string]>([
    [load(word), 3, "load word: 3"],
    [store(word, 1), 0, "store word = 1"],
    [exchange(word, 1), 2, "exchange word = 1: was 2"],
    [add(word, -1), 2, "add -1 to word: was 2"],
    [cas(word, 0, 1), 0, "cas word 0 -> 1: done"],
    [cas(word, 0, 1), 2, "cas word 0 -> 1: is 2"],
    [wait(word, 2), 1, "wait on word while 2: asleep"],
    [wait(word, 2), 0, "wait on word while 2: is another"],
    [wake(word, 1), 0, "wake 1 on word: 0 woken"],
    [wake(word), 2, "wake all on word: 2 woken"]
  ])("%#", (step, result, text) => {
    expect(describeStep(step, result)).toBe(text)
  })
})
