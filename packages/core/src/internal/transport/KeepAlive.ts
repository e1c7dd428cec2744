/**
 * Whether this thread has a reason to stay alive. Workers and their channels never hold the event loop open; a call that
 * waits for one does, by a reference here. So a program ends when nothing is awaited, whatever pools are open.
 *
 * @internal
 */
import { longestTimer } from "../timers.ts"

let timer: NodeJS.Timeout | undefined
let references = 0

/** Each `hold` needs one `release`. */
export const hold = (): void => {
  if (references++ > 0) return
  if (timer === undefined) timer = setInterval(() => {}, longestTimer)
  else timer.ref()
}

export const release = (): void => {
  if (--references === 0) timer?.unref()
}
