/**
 * Whether a payload can contain a handle that belongs to its call: an endpoint that is closed when the call ends.
 *
 * @internal
 */
import type * as SchemaAST from "effect/SchemaAST"

const annotation = "~ropewalk/endsWithItsCall"

/** Put on the declaration of such a handle. */
export const endsWithItsCall = { [annotation]: true }

export const containsHandle = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST> = new Set()): boolean => {
  if (seen.has(ast)) return false
  seen.add(ast)
  if (ast.annotations?.[annotation] === true) return true
  const some = (nodes: ReadonlyArray<SchemaAST.AST>) => nodes.some((node) => containsHandle(node, seen))
  switch (ast._tag) {
    case "Declaration":
      return some(ast.typeParameters)
    case "Arrays":
      return some(ast.elements) || some(ast.rest)
    case "Objects":
      return some(ast.propertySignatures.map((_) => _.type)) || some(ast.indexSignatures.map((_) => _.type))
    case "Union":
      return some(ast.types)
    case "Suspend":
      return containsHandle(ast.thunk(), seen)
    default:
      return false
  }
}
