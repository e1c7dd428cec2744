/**
 * The worker's side: a link on which faults are heard and done, and never passed on. Whoever serves the tasks knows nothing
 * of them. It costs a comparison a message; no Effect is imported here.
 *
 * @internal
 */
import type { TransferList } from "../codec/moves.ts"
import type { FromWorker, ParentLink, RawLink, TaskMessage } from "../transport/Transport.ts"
import { settle } from "../worker/settle.ts"
import type { WorkerFault } from "./WorkerFault.ts"

type CallFault = Extract<WorkerFault, { readonly id: number }>

/** Something that is kept back for a while. */
interface Delay {
  readonly timer: NodeJS.Timeout
  /** The call is interrupted: what happens in the place of waiting on. */
  readonly cutShort: () => void
}

export const withFaults = (link: RawLink): ParentLink => {
  /** By the call's id: what will happen to it. */
  const armed = new Map<number, CallFault>()
  const delays = new Map<number, Delay>()

  const delay = (id: number, millis: number, then: () => void, cutShort: () => void): void => {
    const once = (action: () => void) => () => {
      clearTimeout(timer)
      delays.delete(id)
      action()
    }
    const timer = setTimeout(once(then), millis)
    delays.set(id, { timer, cutShort: once(cutShort) })
  }

  const start = (message: TaskMessage & { readonly kind: "run" }, pass: (message: TaskMessage) => void): void => {
    const { id } = message
    const fault = armed.get(id)
    if (fault?.kind === "fail") {
      armed.delete(id)
      settle(link, id, { kind: "failure", reasons: [{ kind: "die", defect: fault.defect }] }, undefined)
    } else if (fault !== undefined && fault.start > 0) {
      const interrupted = () => {
        armed.delete(id)
        settle(link, id, { kind: "failure", reasons: [{ kind: "interrupt" }] }, undefined)
      }
      delay(id, fault.start, () => pass(message), interrupted)
    } else pass(message)
  }

  return {
    ...link,
    send: (message: FromWorker, transfer?: TransferList): void => {
      const fault = message.kind === "settled" ? armed.get(message.id) : undefined
      if (message.kind !== "settled" || fault?.kind !== "slow") return link.send(message, transfer)
      const { exit, id } = message
      armed.delete(id)
      const answer = () => settle(link, id, exit, transfer)
      delay(id, fault.answer, answer, answer)
    },
    listen: (onMessage, onLost) =>
      link.listen((message) => {
        switch (message.kind) {
          case "fault":
            if ("id" in message.fault) armed.set(message.fault.id, message.fault)
            else suffer(message.fault)
            return
          case "run":
            return start(message, onMessage)
          case "interrupt":
            delays.get(message.id)?.cutShort()
            return onMessage(message)
          case "credit":
          case "setup":
            return onMessage(message)
          case "report":
            return
          case "close":
            for (const { cutShort } of delays.values()) cutShort()
            return onMessage(message)
        }
      }, onLost)
  }
}

const suffer = (fault: Exclude<WorkerFault, CallFault>): void => {
  switch (fault.kind) {
    case "exit":
      return process.exit(fault.code)
    case "memory":
      return exhaustHeap()
    case "freeze":
      return void Atomics.wait(fault.gate, 0, 0, fault.millis)
  }
}

/** Small objects: one array that grows aborts the whole program, threads and all, instead of its thread. */
const exhaustHeap = (): never => {
  let kept: object | undefined
  for (let index = 0; ; index++) kept = { kept, text: `kept ${index}` }
}
