/**
 * A call that a fiber waits for.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CallCodec } from "../codec/taskCodec.ts"
import { noteWait, scopesAreOpen } from "../scope/Member.ts"
import type { WireExit } from "../transport/Transport.ts"
import { Call, type CallOptions, type Outcome } from "./Call.ts"

/** To be called in the fiber that waits. */
export const taskCall = (
  task: string,
  payload: unknown,
  codec: CallCodec,
  resume: Resume,
  options: CallOptions | undefined
): Call =>
  scopesAreOpen()
    ? new NotedCall(task, payload, codec, resume, options)
    : new TaskCall(task, payload, codec, resume, options)

export type Resume = (effect: Effect.Effect<unknown, unknown>) => void

class TaskCall extends Call {
  private readonly codec: CallCodec
  private readonly resume: Resume

  constructor(task: string, payload: unknown, codec: CallCodec, resume: Resume, options: CallOptions | undefined) {
    super(task, payload, options)
    this.codec = codec
    this.resume = resume
  }

  protected override tell(outcome: Outcome): void {
    if (outcome.kind === "replied") this.resume(this.decoded(outcome.exit))
    else if (outcome.kind === "failed") this.resume(Exit.fail(outcome.error))
  }

  /** A schema whose decoder throws is a defect of the call: the worker's link must not hear of it. */
  private decoded(exit: WireExit): Effect.Effect<unknown, unknown> {
    try {
      return this.codec.decodeExit(exit)
    } catch (defect) {
      return Exit.die(defect)
    }
  }
}

/** Its caller may be in a scope, of which a dump says what it waits for, until there is an outcome. */
class NotedCall extends TaskCall {
  private readonly forgetWait = noteWait(() => this.described)

  protected override tell(outcome: Outcome): void {
    this.forgetWait?.()
    super.tell(outcome)
  }

  private get described(): string {
    return this.host === undefined ? `the task ${this.task}, queued` : `the task ${this.task} at worker ${this.host.id}`
  }
}
