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
/** One page sends to the next, without an end. */
const Redirects = Schema.TaggedStruct("Redirects", { hops: Schema.Int })
/** A page, without what was looked for. */
const NotFound = Schema.TaggedStruct("NotFound", { pattern: Schema.String })

const Reason = Schema.Union([Network, Timeout, Status, Redirects, NotFound])

export class FetchError extends Schema.TaggedError<FetchError>()("FetchError", {
  url: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    return explain(this.url, this.reason)
  }
}

const explain = (url: string, reason: typeof Reason.Type): string => {
  switch (reason._tag) {
    case "Network":
      return `no connection to ${url} (${reason.detail})`
    case "Timeout":
      return `no answer from ${url} in ${reason.seconds} s`
    case "Status":
      return `${url} answered with status ${reason.code}`
    case "Redirects":
      return `${url} sends from page to page, and does not end after ${reason.hops}`
    case "NotFound":
      return `nothing on ${url} matches ${reason.pattern}`
  }
}
