/**
 * The streams that a worker is sending: by the id of their call, where the parent's credit goes.
 *
 * @internal
 */
import { describeUnsendable } from "../codec/unsendable.ts"
import { type Refusal, StreamOutlet } from "../stream/StreamOutlet.ts"
import type { ParentLink, WireExit } from "../transport/Transport.ts"

export class Streams {
  private readonly link: Pick<ParentLink, "send">
  private readonly outlets = new Map<number, StreamOutlet>()

  constructor(link: Pick<ParentLink, "send">) {
    this.link = link
  }

  open(id: number, window: number): StreamOutlet {
    const outlet = new StreamOutlet(window, (values) =>
      this.link.send({ kind: "elements", id, values: values as Array<unknown> })
    )
    this.outlets.set(id, outlet)
    return outlet
  }

  /** Credit may come for a stream that has ended: its end is on its way. */
  grant(id: number, count: number): void {
    this.outlets.get(id)?.grant(count)
  }

  close(id: number): void {
    this.outlets.delete(id)
  }
}

/** The path in the error begins with the element's place in the stream. */
export const unsendableElement = ({ index, thrown, value }: Refusal): WireExit => {
  const { cause, path } = describeUnsendable(value, thrown)
  return { kind: "unsendable", path: [index, ...path], cause }
}
