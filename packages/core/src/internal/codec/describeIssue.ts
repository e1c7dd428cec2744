/** @internal */
import * as SchemaIssue from "effect/SchemaIssue"

const formatIssue = SchemaIssue.makeFormatterDefault()
const locateIssue = SchemaIssue.makeFormatterStandardSchemaV1()

/** Where in the value a schema refused it, and why, in words. */
export const describeIssue = (
  issue: SchemaIssue.Issue
): { readonly path: Array<string | number>; readonly cause: Error } => {
  const path = locateIssue(issue).issues[0]?.path ?? []
  return {
    path: path.map((step) => {
      const key = typeof step === "object" ? step.key : step
      return typeof key === "number" ? key : String(key)
    }),
    cause: new Error(formatIssue(issue))
  }
}
