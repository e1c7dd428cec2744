/**
 * The part of a schema that structured clone can't carry.
 *
 * Effect's `Schema.toCodecJson` makes any schema fit for JSON: dates become strings, bytes become base64. Between the
 * threads and processes of one machine that is a loss: structured clone carries dates, maps, bytes, bigints and plain
 * objects as they are. `toCloneCodec` encodes only the rest (classes, tagged errors, `Option`, `Exit`, `Duration` ...), and
 * says of a schema that needs nothing that it needs nothing.
 *
 * It uses the same annotations (`toCodec`, `toCodecJson`) as Effect's own derivations, so a declaration that knows how to
 * cross a wire crosses this one.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** Declarations that structured clone carries whole; those with parameters only when their parameters are carried too. */
const cloneable = new Set([
  "effect/schema/Date",
  "effect/schema/RegExp",
  "effect/schema/Uint8Array",
  "effect/schema/ReadonlyMap",
  "effect/schema/ReadonlySet",
  "effect/schema/Json",
  "effect/schema/MutableJson"
])

/** The schema to encode with, or `undefined` when every value of this schema crosses as it is. */
export const toCloneCodec = (schema: Schema.Top): Schema.Top | undefined =>
  crossesAsIs(schema.ast, new Set()) ? undefined : Schema.make<Schema.Top>(carried(schema.ast))

/** The same schema with an encoded side that structured clone carries. */
const carried = (ast: SchemaAST.AST): SchemaAST.AST => {
  const encoded = SchemaAST.toEncoded(ast)
  const derived = derive(encoded)
  return derived === encoded ? ast : SchemaAST.decodeTo(derived, ast, SchemaTransformation.passthrough())
}

/** Recursive schemas come back to the node they started from: each node is derived once. */
const derivations = new WeakMap<SchemaAST.AST, SchemaAST.AST>()

/** `encoded` has no transformations: the answer is itself, or a node that decodes to it from what can be cloned. */
const derive = (encoded: SchemaAST.AST): SchemaAST.AST => {
  const known = derivations.get(encoded)
  if (known !== undefined) return known
  const derived = deriveNode(encoded)
  derivations.set(encoded, derived)
  return derived
}

const deriveNode = (ast: SchemaAST.AST): SchemaAST.AST => {
  switch (ast._tag) {
    case "Declaration":
      return deriveDeclaration(ast)
    case "Arrays": {
      const elements = SchemaAST.mapOrSame(ast.elements, deriveMember)
      const rest = SchemaAST.mapOrSame(ast.rest, deriveMember)
      return elements === ast.elements && rest === ast.rest
        ? ast
        : new SchemaAST.Arrays(ast.isMutable, elements, rest, ast.annotations, undefined, undefined, ast.context)
    }
    case "Objects": {
      if (hasSymbolKeys(ast)) return SchemaAST.decodeTo(SchemaAST.unknown, ast, symbolKeysForbidden)
      const properties = SchemaAST.mapOrSame(ast.propertySignatures, (property) => {
        const type = deriveMember(property.type)
        return type === property.type ? property : new SchemaAST.PropertySignature(property.name, type)
      })
      const indices = SchemaAST.mapOrSame(ast.indexSignatures, (index) => {
        const type = deriveMember(index.type)
        return type === index.type ? index : new SchemaAST.IndexSignature(index.parameter, type)
      })
      return properties === ast.propertySignatures && indices === ast.indexSignatures
        ? ast
        : new SchemaAST.Objects(properties, indices, ast.annotations, undefined, undefined, ast.context)
    }
    case "Union": {
      const types = SchemaAST.mapOrSame(ast.types, deriveMember)
      return types === ast.types
        ? ast
        : new SchemaAST.Union(types, ast.options, ast.annotations, undefined, undefined, ast.context)
    }
    case "Suspend":
      return deriveSuspended(ast)
    default:
      return ast
  }
}

const hasSymbolKeys = (ast: SchemaAST.Objects): boolean =>
  ast.propertySignatures.some((property) => typeof property.name === "symbol") ||
  ast.indexSignatures.some((index) => SchemaAST.isSymbol(SchemaAST.toEncoded(index.parameter)))

const forbidSymbolKeys = SchemaGetter.forbidden<never, unknown>(
  () => "Properties whose keys are symbols don't survive structured clone"
)

/** Structured clone leaves such properties out without a word. */
const symbolKeysForbidden = new SchemaTransformation.Transformation(forbidSymbolKeys, forbidSymbolKeys)

const deriveSuspended = (ast: SchemaAST.Suspend): SchemaAST.AST =>
  crossesAsIs(ast.thunk(), new Set())
    ? ast
    : new SchemaAST.Suspend(() => derive(ast.thunk()), ast.annotations, undefined, undefined, ast.context)

/** Whether no node below has to be encoded; `seen` ends the walk of a recursive schema. */
const crossesAsIs = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): boolean => {
  if (seen.has(ast)) return true
  seen.add(ast)
  if (ast.encoding !== undefined) return false
  const all = (nodes: ReadonlyArray<SchemaAST.AST>) => nodes.every((node) => crossesAsIs(node, seen))
  switch (ast._tag) {
    case "Declaration":
      return isCloneable(ast) && all(ast.typeParameters)
    case "Arrays":
      return all(ast.elements) && all(ast.rest)
    case "Objects":
      return (
        !hasSymbolKeys(ast) &&
        all(ast.propertySignatures.map((_) => _.type)) &&
        all(ast.indexSignatures.map((_) => _.type))
      )
    case "Union":
      return all(ast.types)
    case "Suspend":
      return crossesAsIs(ast.thunk(), seen)
    default:
      return true
  }
}

/** A derived member keeps its optionality on both sides: a missing key stays missing. */
const deriveMember = (ast: SchemaAST.AST): SchemaAST.AST => {
  const derived = derive(ast)
  if (derived === ast || !SchemaAST.isOptional(ast)) return derived
  return SchemaAST.decodeTo(
    Schema.optionalKey(Schema.make<Schema.Top>(derived)).ast,
    ast,
    SchemaTransformation.passthrough()
  )
}

type DeclarationAnnotations = Schema.Annotations.Declaration<unknown, ReadonlyArray<Schema.Top>> | undefined

const isCloneable = (ast: SchemaAST.Declaration): boolean =>
  cloneable.has((ast.annotations as DeclarationAnnotations)?.representation?.id ?? "")

const deriveDeclaration = (ast: SchemaAST.Declaration): SchemaAST.AST => {
  if (isCloneable(ast) && ast.typeParameters.every((node) => derive(node) === node)) return ast
  const annotations = ast.annotations as DeclarationAnnotations
  const parameters = ast.typeParameters.map((node) => Schema.make<Schema.Codec<unknown>>(SchemaAST.toEncoded(node)))
  const link = annotations?.toCodec?.(parameters) ?? annotations?.toCodecJson?.(parameters)
  // A declaration that can't say how it crosses is sent as it is, and checked where it arrives: its class may be lost.
  return link === undefined
    ? ast
    : SchemaAST.decodeTo(
        carried(link.to),
        ast,
        link.transformation as SchemaTransformation.Transformation<any, any, any, any>
      )
}
