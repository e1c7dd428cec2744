/** What the workers of `crawl` can be asked to do. */
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

/** A page that is none. */
export class ParseError extends Schema.TaggedError<ParseError>()("ParseError", {
  url: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.url} can't be parsed: ${this.detail}`
  }
}

export const Page = Schema.Struct({ url: Schema.String, body: Schema.String })
export type Page = typeof Page.Type

export const Parsed = Schema.Struct({
  /** On the site. */
  path: Schema.String,
  title: Schema.String,
  links: Schema.Array(Schema.String),
  words: Schema.Array(Schema.Tuple([Schema.String, Schema.Int]))
})
export type Parsed = typeof Parsed.Type

export class Parsing extends RpcGroup.make(
  Rpc.make("Parse", {
    payload: Page,
    success: Parsed,
    error: ParseError
  })
) {}
