/**
 * Which children share the fate of one that failed, as a list of its own: some are forgotten on the way. They are stopped in the
 * reverse of their order, and started in it.
 *
 * @internal
 */
import type { Strategy } from "../../Supervisor.ts"

export const groupOf = <Child>(
  strategy: Strategy,
  children: ReadonlyArray<Child>,
  failed: Child
): ReadonlyArray<Child> => {
  switch (strategy) {
    case "oneForOne":
      return [failed]
    case "oneForAll":
      return [...children]
    case "restForOne":
      return children.slice(children.indexOf(failed))
  }
}
