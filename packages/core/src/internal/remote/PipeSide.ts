/**
 * One side of a pipe, where the pipe was made: it decides whether a side that is gone said goodbye or died.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import type { CallEnd } from "../codec/CallContext.ts"
import type { Mailbox } from "./Mailbox.ts"
import type { Party } from "./serveQueue.ts"

/** The conversation was ended by a `close`, on this side or on the other. */
export class PipeClosed extends Schema.TaggedError<PipeClosed>()("PipeClosed", {}) {
  override get message(): string {
    return "The pipe is closed. This is its regular end: stop, or read it with stream, which ends here."
  }
}

/** The process or thread on the other side ended without closing the pipe. */
export class PeerDied extends Schema.TaggedError<PeerDied>()("PeerDied", {}) {
  override get message(): string {
    return "The other side of the pipe died without closing it. Start it again with a new pipe."
  }
}

export type Ended = PipeClosed | PeerDied

export const EndedSchema = Schema.Union([PipeClosed, PeerDied])

export class PipeSide {
  readonly outgoing: Mailbox<Uint8Array, Ended>
  readonly incoming: Mailbox<Uint8Array, Ended>
  #connections = 0
  #calls = 0

  constructor(outgoing: Mailbox<Uint8Array, Ended>, incoming: Mailbox<Uint8Array, Ended>) {
    this.outgoing = outgoing
    this.incoming = incoming
  }

  close(): void {
    this.#end(new PipeClosed())
  }

  /** A connection that speaks for this side. */
  attach(): Party<Ended> {
    this.#connections += 1
    return {
      puts: this.outgoing,
      takes: this.incoming,
      close: () => this.close(),
      abandon: () => this.#end(new PeerDied()),
      onDisconnect: () => {
        this.#connections -= 1
        // While a call carries this side, its end tells the truth: a process that has returned may be gone as well.
        if (this.#connections === 0 && this.#calls === 0) this.#end(new PeerDied())
      }
    }
  }

  /** A call takes this side along; the function is told how it ended. */
  carry(): (end: CallEnd) => void {
    this.#calls += 1
    return (end) => {
      this.#calls -= 1
      this.#end(end === "crashed" ? new PeerDied() : new PipeClosed())
    }
  }

  #end(error: Ended): void {
    this.outgoing.markFinished(error)
    this.incoming.markAborted(error)
    this.outgoing.settleEnded()
    this.incoming.settleEnded()
  }
}
