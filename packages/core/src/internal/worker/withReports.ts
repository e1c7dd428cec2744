/**
 * A link that says when its tasks started, and how long each ran, once the parent has asked for it. Until then it is the link
 * that it was given: what does the work is exchanged when the parent asks, so nobody pays for a question that is not put.
 *
 * No Effect is imported here.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import { wallClock } from "../context/wallClock.ts"
import type { FromWorker, RawLink, Reporting } from "../transport/Transport.ts"

export const withReports = (link: RawLink): RawLink => {
  /** By id, when the tasks that run have started. */
  const starts = new Map<number, number>()
  let { claim, send } = link

  const claimTimed = (what: Reporting) => (id: number) => {
    if (!link.claim(id)) return false
    const at = wallClock()
    starts.set(id, at)
    if (what === "starts") link.send({ kind: "started", id, at })
    return true
  }

  const sendTimed = (message: FromWorker, transfer?: TransferList): void => {
    const at = message.kind === "settled" ? starts.get(message.id) : undefined
    if (message.kind !== "settled" || at === undefined) return link.send(message, transfer)
    link.send({ ...message, times: { at, millis: wallClock() - at } }, transfer)
    // Only now: an answer that could not be sent is followed by one that says so.
    starts.delete(message.id)
  }

  const report = (what: Reporting): void => {
    claim = what === "nothing" ? link.claim : claimTimed(what)
    // A task that was timed is answered with its times.
    send = what === "nothing" && starts.size === 0 ? link.send : sendTimed
  }

  return {
    ...link,
    claim: (id) => claim(id),
    send: (message, transfer) => send(message, transfer),
    listen: (onMessage, onLost) =>
      link.listen((message) => (message.kind === "report" ? report(message.what) : onMessage(message)), onLost)
  }
}
