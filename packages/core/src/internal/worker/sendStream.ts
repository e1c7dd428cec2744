/**
 * Sends the stream that a plain module's function has returned: an async iterable, a Stream, or a promise of either. Effect is
 * loaded when the first Stream is returned.
 *
 * @internal
 */
import type { StreamOutlet } from "../stream/StreamOutlet.ts"
import type { WireExit } from "../transport/Transport.ts"
import { iterate, type Sending, thrownBy } from "./iterate.ts"
import { unsendableElement } from "./streams.ts"

export const sendStream = (task: string, returned: unknown, outlet: StreamOutlet): Sending => {
  let wasInterrupted = false
  let stop = (): void => {}
  const started = (interrupt: () => void): void => {
    stop = interrupt
    if (wasInterrupted) interrupt()
  }

  const send = async (): Promise<WireExit> => {
    const value = await returned
    if (isStream(value)) return sendEffectStream(value, outlet, started)
    if (!isAsyncIterable(value)) throw new TypeError(`"${task}" returned no async iterable and no Stream`)
    const { exit, interrupt } = iterate(value, outlet)
    started(interrupt)
    return exit
  }

  return {
    exit: send().catch(thrownBy),
    interrupt: () => {
      wasInterrupted = true
      stop()
    }
  }
}

const sendEffectStream = async (
  stream: unknown,
  outlet: StreamOutlet,
  onStart: (interrupt: () => void) => void
): Promise<WireExit> => {
  const [{ runEffect }, { drain }] = await Promise.all([import("./runEffect.ts"), import("./drain.ts")])
  const exit = await runEffect(drain(stream, outlet), onStart)
  return outlet.refusal === undefined ? exit : unsendableElement(outlet.refusal)
}

/** Told by the property that every Stream carries, without loading Effect. */
const isStream = (value: unknown): boolean => typeof value === "object" && value !== null && "~effect/Stream" in value

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value
