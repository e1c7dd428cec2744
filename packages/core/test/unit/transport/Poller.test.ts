import { availableParallelism } from "node:os"
import { setImmediate } from "node:timers/promises"
import { afterEach, assert, describe, it } from "@effect/vitest"
import * as Poller from "../../../src/internal/transport/Poller.ts"

const asleep = 2
const word = new Int32Array(Poller.memory, 0, 1)

/** A worker's ring, in which nothing is. */
const inlet = (isBusy: boolean): Poller.Inlet => ({ isEmpty: true, isBusy, drain: () => {} })

describe("Poller", () => {
  const inlets: Array<Poller.Inlet> = []
  const add = (one: Poller.Inlet) => {
    inlets.push(one)
    Poller.add(one)
  }
  afterEach(() => {
    for (const one of inlets.splice(0)) Poller.remove(one)
  })

  it("does not look for answers while workers need all the processors: it sleeps, to be woken", async () => {
    for (let count = 0; count < availableParallelism(); count++) add(inlet(true))
    Poller.expectAnswer()
    assert.notEqual(Atomics.load(word, 0), asleep)
    await setImmediate()
    assert.equal(Atomics.load(word, 0), asleep)
  })

  it("goes to sleep in the end when no answer comes", async () => {
    add(inlet(false))
    Poller.expectAnswer()
    while (Atomics.load(word, 0) !== asleep) await setImmediate()
  })

  it("looks again before it sleeps when something has come", async () => {
    let left = 3
    let taken = 0
    const last: Poller.Inlet = {
      get isEmpty() {
        return left === 0
      },
      isBusy: true,
      drain: () => {
        left--
        taken++
      }
    }
    for (let count = 1; count < availableParallelism(); count++) add(inlet(true))
    add(last)
    Poller.expectAnswer()
    while (Atomics.load(word, 0) !== asleep) await setImmediate()
    assert.equal(taken, 3)
  })
})
