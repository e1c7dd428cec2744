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
  /** What is cloned entry by entry would cost the program as much as the parsing costs the worker. */
  words: Schema.Struct({
    words: Schema.String,
    times: Schema.declare((u): u is Uint32Array<ArrayBuffer> => u instanceof Uint32Array, { expected: "Uint32Array" })
  })
})
export type Parsed = typeof Parsed.Type

export class Parsing extends RpcGroup.make(
  Rpc.make("Parse", {
    payload: Page,
    success: Parsed,
    error: ParseError
  })
) {}
