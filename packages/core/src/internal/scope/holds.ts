/**
 * Which member of a scope holds which permits: noted while somebody wants to hear of leaks.
 *
 * Permits have no owner. Those that come back are taken to be the giver's own, or else those that were out longest.
 *
 * @internal
 */
import * as Fiber from "effect/Fiber"
import type { PermitQueue } from "../sync/PermitQueue.ts"
import { CurrentMember, type Member, scopesAreOpen } from "./Member.ts"
import type { ScopeState } from "./ScopeState.ts"

/** How many permits of a queue are out, by holder, the earliest first. */
const holders = new WeakMap<PermitQueue, Map<Member, number>>()

export interface Held {
  readonly member: string
  readonly what: string
  readonly permits: number
}

const currentMember = (): Member | undefined =>
  scopesAreOpen() ? Fiber.getCurrent()?.getRef(CurrentMember) : undefined

export const noteTaken = (queue: PermitQueue, permits: number): void => {
  const member = currentMember()
  const held = member?.scope.held
  if (member === undefined || held === undefined) return
  const out = holders.get(queue) ?? new Map<Member, number>()
  holders.set(queue, out.set(member, (out.get(member) ?? 0) + permits))
  held.add(queue)
}

export const noteGiven = (queue: PermitQueue, permits: number): void => {
  const out = scopesAreOpen() ? holders.get(queue) : undefined
  if (out === undefined) return
  const giver = currentMember()
  let left = permits
  const giveBack = (member: Member, count: number) => {
    const back = Math.min(count, left)
    left -= back
    if (back === count) out.delete(member)
    else out.set(member, count - back)
  }
  const own = giver === undefined ? undefined : out.get(giver)
  if (giver !== undefined && own !== undefined) giveBack(giver, own)
  for (const [member, count] of out) if (left > 0) giveBack(member, count)
}

/** What the members of a scope have not given back. */
export const heldIn = (scope: ScopeState): ReadonlyArray<Held> =>
  [...(scope.held ?? [])].flatMap((queue) =>
    [...(holders.get(queue) ?? [])].flatMap(([member, permits]) =>
      member.scope === scope ? [{ member: member.name, what: queue.name, permits }] : []
    )
  )
