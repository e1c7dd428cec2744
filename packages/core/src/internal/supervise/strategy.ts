/**
 * Which children share the fate of one that failed. They are stopped in the reverse of their order, and started in it.
 *
 * @internal
 */
import type { Strategy } from "../../Supervisor.ts"

export const groupOf = <Child>(
  strategy: Strategy,
  supervisor: { readonly children: ReadonlyArray<Child> },
  failed: Child
): ReadonlyArray<Child> => {
  switch (strategy) {
    case "oneForOne":
      return [failed]
    case "oneForAll":
      return supervisor.children
    case "restForOne":
      return supervisor.children.slice(supervisor.children.indexOf(failed))
  }
}
