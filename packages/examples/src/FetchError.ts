/**
 * Why a page could not be had, or did not say what was looked for.
 */
import * as Schema from "effect/Schema"

/** No answer: refused, reset, no such host. */
const Network = Schema.TaggedStruct("Network", { detail: Schema.String })
/** No answer in time. */
const Timeout = Schema.TaggedStruct("Timeout", { seconds: Schema.Finite })
/** An answer that is not a page. */
const Status = Schema.TaggedStruct("Status", { code: Schema.Int })
/** A page, without what was looked for. */
const NotFound = Schema.TaggedStruct("NotFound", { pattern: Schema.String })

export class FetchError extends Schema.TaggedError<FetchError>()("FetchError", {
  url: Schema.String,
  reason: Schema.Union([Network, Timeout, Status, NotFound])
}) {
  override get message(): string {
    const reason = this.reason
    switch (reason._tag) {
      case "Network":
        return `no connection to ${this.url} (${reason.detail})`
      case "Timeout":
        return `no answer from ${this.url} in ${reason.seconds} s`
      case "Status":
        return `${this.url} answered with status ${reason.code}`
      case "NotFound":
        return `nothing on ${this.url} matches ${reason.pattern}`
    }
  }
}
