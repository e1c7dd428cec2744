import { describe, expect, it } from "@effect/vitest"
import { Claims, claimsSize, nextTicket } from "../../../src/internal/shared/claims.ts"
import { claimsProgram, type Setting } from "./claimsModel.ts"
import { MarksByStore } from "./naive.ts"
import { clean, everySchedule, story } from "./reports.ts"

const last = 2 ** 31 - 1

describe("claims", () => {
  const make = (slots = 3) => new Claims(new SharedArrayBuffer(8 + claimsSize(slots)), 8, slots)

  it("what is claimed can't be revoked, and what is revoked can't be claimed", () => {
    const claims = make()
    expect([claims.claim(0, 1), claims.revoke(0, 1), claims.isClaimed(0, 1)]).toEqual([true, false, true])
    expect([claims.revoke(1, 2), claims.claim(1, 2), claims.isClaimed(1, 2)]).toEqual([true, false, false])
    expect(claims.isClaimed(2, 3)).toBe(false)
  })

  it("a revocation may be repeated", () => {
    const claims = make()
    expect([claims.revoke(0, 1), claims.revoke(0, 1), claims.claim(0, 1)]).toEqual([true, true, false])
  })

  it("a slot may be offered again, whatever became of it before", () => {
    const claims = make()
    claims.claim(0, 1)
    expect([claims.isClaimed(0, 2), claims.revoke(0, 2), claims.claim(0, 2)]).toEqual([false, true, false])
    expect([claims.isClaimed(0, 3), claims.claim(0, 3), claims.revoke(0, 3)]).toEqual([false, true, false])
  })

  it.each([1, 2, 2 ** 30 - 1, 2 ** 30, last - 1, last])("a new table holds no mark of ticket %i", (ticket) => {
    expect(make().isClaimed(0, ticket)).toBe(false)
    expect(make().claim(0, ticket)).toBe(true)
    expect(make().revoke(0, ticket)).toBe(true)
  })

  it.each([1, 2 ** 30 - 1, 2 ** 30, last])("ticket %i has marks of its own", (ticket) => {
    const following = nextTicket(ticket)
    const claimed = make()
    claimed.claim(0, ticket)
    expect([claimed.isClaimed(0, ticket), claimed.isClaimed(0, following)]).toEqual([true, false])
    expect(claimed.claim(0, following)).toBe(true)
    const revoked = make()
    revoked.revoke(0, ticket)
    expect([revoked.claim(0, following), revoked.isClaimed(0, ticket)]).toEqual([true, false])
  })

  it("tickets go on from the beginning, without 0", () => {
    expect([nextTicket(0), nextTicket(1), nextTicket(last - 1), nextTicket(last)]).toEqual([1, 2, last, 1])
  })

  it("has no slots but its own", () => {
    for (const slot of [-1, 3, 2 ** 32]) {
      expect(() => make(3).claim(slot, 1)).toThrow(RangeError)
      expect(() => make(3).revoke(slot, 1)).toThrow(RangeError)
      expect(() => make(3).isClaimed(slot, 1)).toThrow(RangeError)
    }
  })
})

// Some search for a second or two, and longer where other tests run beside them.
describe("claims, on every schedule", { timeout: 120_000 }, () => {
  it.each<[string, Setting]>([
    ["in a new table", {}],
    ["after a ticket that was claimed", { lastTicket: 7 }],
    ["after a ticket that was revoked", { lastTicket: 7, slot: (7 << 1) | 1 }],
    ["when the tickets begin again", { lastTicket: last - 1 }],
    ["after the last ticket", { lastTicket: last, slot: -1 }],
    ["when the worker dies anywhere", { deaths: 1, tasks: 1 }],
    ["when it dies over the first of the new tickets", { deaths: 1, tasks: 1, lastTicket: last, slot: -1 }]
  ])("each task is started once or revoked once: %s", (_name, setting) => {
    expect(everySchedule(claimsProgram(setting))).toMatchObject(clean)
  })

  it("and when it dies anywhere in one of two, with two preemptions", () => {
    expect(everySchedule(claimsProgram({ deaths: 1 }), 2)).toMatchObject(clean)
  })

  it("marks that are stored, not swapped, give a task to both", () => {
    const program = claimsProgram({ claims: MarksByStore, tasks: 1 })
    const report = everySchedule(program)
    expect(report.finding).toEqual({ kind: "invariant", message: "task 1 was started twice" })
    expect(story(program, report.shrunk!)).toEqual([
      "agent 0: load offer: 0",
      "agent 0: wait on offer while 0: asleep",
      "agent 1: store offer = 1",
      "agent 1: wake all on offer: 1 woken",
      "agent 1: load slot: 0",
      "agent 0: load offer: 1",
      "agent 0: load slot: 0",
      "agent 0: store slot = 2",
      "agent 0: add 1 to started1: was 0",
      "agent 0: store answer = 1",
      "agent 0: wake all on answer: 0 woken",
      "agent 1: store slot = 3",
      "agent 1: add 1 to elsewhere1: was 0"
    ])
  })

  it("a table that begins with a mark of the ticket has a task that is nobody's", () => {
    const found = (slot: number) => everySchedule(claimsProgram({ slot, revokes: false, tasks: 1 })).finding
    expect(found(0)).toBeUndefined()
    expect(found((1 << 1) | 1)?.message).toBe("agent 1: task 1 is nobody's")
  })
})
