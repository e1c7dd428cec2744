/**
 * Checks and copies plain payloads in a fraction of the time that a parser of any schema takes, which is more than all the
 * rest of a small task's way.
 *
 * It only ever says yes: whatever it is not sure of (a check of a number, a default, a class, a key too many) it leaves to
 * the parser, which answers, or says what is wrong.
 *
 * @internal
 */
import type * as SchemaAST from "effect/SchemaAST"

/** Not sure: ask the parser. */
export const unsure: unique symbol = Symbol("unsure")

/** Answers with what the schema would construct from the input, or with `unsure`. */
export type QuickConstruct = (input: unknown) => unknown

/** `undefined` for a schema that always needs the parser. */
export const quickConstruct = (ast: SchemaAST.AST): QuickConstruct | undefined => {
  if (!isBare(ast)) return undefined
  switch (ast._tag) {
    case "Unknown":
    case "Any":
      return (input) => input
    case "Objects":
      return quickStruct(ast)
    case "Arrays":
      return quickArray(ast)
    default: {
      const fits = quickTest(ast)
      return fits === undefined ? undefined : (input) => (fits(input) ? input : unsure)
    }
  }
}

const isBare = (ast: SchemaAST.AST): boolean =>
  ast.checks === undefined &&
  ast.encoding === undefined &&
  ast.context?.constructorDefault === undefined &&
  ast.annotations?.["parseOptions"] === undefined

/** What `typeof` says of those that it says enough of. */
const primitives = { Number: "number", String: "string", Boolean: "boolean", BigInt: "bigint" } as const

const primitiveOf = (ast: SchemaAST.AST): string | undefined =>
  isBare(ast) ? (primitives as Readonly<Record<string, string>>)[ast._tag] : undefined

/** Whether a value that is no container fits. */
const quickTest = (ast: SchemaAST.AST): ((input: unknown) => boolean) | undefined => {
  if (!isBare(ast)) return undefined
  switch (ast._tag) {
    case "Number":
    case "String":
    case "Boolean":
    case "BigInt": {
      const type = primitives[ast._tag]
      return (input) => typeof input === type
    }
    case "Null":
      return (input) => input === null
    case "Undefined":
    case "Void":
      return (input) => input === undefined
    case "Literal": {
      const { literal } = ast
      return (input) => input === literal
    }
    case "Declaration":
      return isBytes(ast) ? (input) => input instanceof Uint8Array : undefined
    case "Union": {
      const members = all(ast.types, quickTest)
      return members === undefined ? undefined : (input) => members.some((fits) => fits(input))
    }
    default:
      return undefined
  }
}

const isBytes = (ast: SchemaAST.Declaration): boolean =>
  (ast.annotations?.["representation"] as { readonly id?: unknown } | undefined)?.id === "effect/schema/Uint8Array"

const quickStruct = (ast: SchemaAST.Objects): QuickConstruct | undefined => {
  const { propertySignatures } = ast
  const members = all(propertySignatures, ({ type }) => quickConstruct(type))
  const names = propertySignatures.map(({ name }) => name)
  if (members === undefined || ast.indexSignatures.length > 0 || !names.every(isPlainKey)) return undefined
  const optional = propertySignatures.map(({ type }) => type.context?.isOptional === true)
  // Most members are primitives, and to call a function of each is most of what a wide object costs.
  const types = propertySignatures.map(({ type }) => primitiveOf(type))

  /** Whether a member fits; it is replaced by what the schema makes of it. */
  const settle = (copy: Record<string, unknown>, name: string, index: number, given: unknown): boolean => {
    const made = (members[index] as QuickConstruct)(given)
    if (made === unsure) return false
    if (made !== given) copy[name] = made
    return true
  }

  const inAnyOrder = (copy: Record<string, unknown>): unknown => {
    let left = names.length
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string
      const given = copy[name]
      if (given === undefined && !Object.hasOwn(copy, name)) {
        if (optional[index] !== true) return unsure
        left--
      } else if (typeof given !== types[index] && !settle(copy, name, index, given)) return unsure
    }
    for (const _key in copy) left--
    return left === 0 ? copy : unsure
  }

  return (input) => {
    if (typeof input !== "object" || input === null || Object.getPrototypeOf(input) !== Object.prototype) return unsure
    const copy: Record<string, unknown> = { ...input }
    let index = 0
    // V8 finds the members of such a loop by their place and not by their name: of a hundred keys, ten times as fast.
    for (const name in copy) {
      while (name !== names[index]) if (optional[index++] !== true) return inAnyOrder(copy)
      const given = copy[name]
      if (typeof given !== types[index] && !settle(copy, name, index, given)) return unsure
      index++
    }
    while (index < names.length) if (optional[index++] !== true) return unsure
    return copy
  }
}

/** One that an object may have, and does not have without having been given it. */
const isPlainKey = (name: PropertyKey): boolean => typeof name === "string" && !(name in Object.prototype)

const quickArray = (ast: SchemaAST.Arrays): QuickConstruct | undefined => {
  const [rest, ...others] = ast.rest
  const member = rest === undefined || ast.elements.length > 0 || others.length > 0 ? undefined : quickConstruct(rest)
  if (member === undefined) return undefined
  return (input) => {
    if (!Array.isArray(input)) return unsure
    const copy = new Array<unknown>(input.length)
    for (let index = 0; index < input.length; index++) {
      const made = member(input[index])
      if (made === unsure) return unsure
      copy[index] = made
    }
    return copy
  }
}

const all = <A, B>(items: ReadonlyArray<A>, f: (item: A) => B | undefined): Array<B> | undefined => {
  const answers: Array<B> = []
  for (const item of items) {
    const answer = f(item)
    if (answer === undefined) return undefined
    answers.push(answer)
  }
  return answers
}
