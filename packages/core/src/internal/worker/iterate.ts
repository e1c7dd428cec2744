/**
 * Sends what an async iterable gives. No Effect is imported here.
 *
 * @internal
 */
import { toWireError } from "../codec/wireError.ts"
import type { StreamOutlet } from "../stream/StreamOutlet.ts"
import { interrupted } from "../transport/interrupted.ts"
import type { WireExit } from "../transport/Transport.ts"
import { unsendableElement } from "./streams.ts"

/** A stream that is being sent. */
export interface Sending {
  /** How it ended; never rejected. */
  readonly exit: Promise<WireExit>
  /** Asks it to end. */
  readonly interrupt: () => void
}

/** One that is interrupted is told so at once: the `finally` blocks of a generator run when what it awaits has come. */
export const iterate = (iterable: AsyncIterable<unknown>, outlet: StreamOutlet): Sending => {
  let stopping = false
  let wake = () => {}
  let iterator: AsyncIterator<unknown> | undefined
  let returned: Promise<unknown> | undefined

  const giveUp = (): Promise<unknown> => {
    returned ??= (async () => iterator?.return?.())()
    return returned
  }

  const room = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
      outlet.whenReady(resolve)
    })

  const send = async (): Promise<WireExit> => {
    iterator = iterable[Symbol.asyncIterator]()
    while (!stopping && outlet.refusal === undefined) {
      const next = await iterator.next()
      if (stopping) break
      if (next.done === true) return { kind: "success", value: undefined }
      if (!outlet.write([next.value])) await room()
    }
    await giveUp()
    return outlet.refusal === undefined ? interrupted : unsendableElement(outlet.refusal)
  }

  return {
    exit: send().catch(thrownBy),
    interrupt: () => {
      stopping = true
      // What it throws is heard where the loop ends.
      giveUp().catch(() => {})
      wake()
    }
  }
}

export const thrownBy = (thrown: unknown): WireExit => ({
  kind: "failure",
  reasons: [{ kind: "thrown", thrown: toWireError(thrown) }]
})
