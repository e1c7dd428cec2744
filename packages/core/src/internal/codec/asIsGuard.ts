/**
 * Tells the payloads that need nothing: the schema accepts them, makes nothing of them (no default, no instance, no key left
 * out), and structured clone carries them. A `map` of a million numbers has to look at each, and can't afford an Effect for
 * it; what is not told here is not wrong, it goes through the parser.
 *
 * @internal
 */
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"

export const asIsGuard = (schema: Schema.Top): ((input: unknown) => boolean) => {
  if (!isPlain(schema.ast)) return () => false
  if (schema.ast.checks === undefined) {
    const type = typeOf[schema.ast._tag]
    if (type !== undefined) return (input) => typeof input === type
  }
  return SchemaParser.is(schema)
}

const typeOf: { readonly [Tag in SchemaAST.AST["_tag"]]?: string } = {
  String: "string",
  Number: "number",
  Boolean: "boolean",
  BigInt: "bigint"
}

/** Objects are left out: what is made of one has the keys of its schema, and those that have a default. */
const isPlain = (ast: SchemaAST.AST): boolean => {
  if (ast.encoding !== undefined || ast.context !== undefined) return false
  switch (ast._tag) {
    case "String":
    case "Number":
    case "Boolean":
    case "BigInt":
    case "Null":
    case "Undefined":
    case "Literal":
      return true
    case "Arrays":
      return ast.elements.every(isPlain) && ast.rest.every(isPlain)
    case "Union":
      return ast.types.every(isPlain)
    default:
      return false
  }
}
