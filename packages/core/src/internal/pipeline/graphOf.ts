/**
 * The graph of a pipeline, its stages numbered: sources first, what they feed after them.
 *
 * @internal
 */
import type { Graph, GraphEdge, GraphNode } from "./graph.ts"
import type { Input, Stage } from "./Stage.ts"

export const graphOf = (end: Input): { readonly graph: Graph; readonly idOf: (stage: Stage) => number } => {
  const ids = new Map<Stage, number>()
  const nodes: Array<GraphNode> = []
  const edges: Array<GraphEdge> = []
  const visit = (stage: Stage): number => {
    const known = ids.get(stage)
    if (known !== undefined) return known
    const from = stage.inputs.map((input) => ({ from: visit(input.stage), label: input.label }))
    if (stage.info === undefined) {
      // What is not shown is the stage before it.
      const [only] = from as [(typeof from)[number]]
      ids.set(stage, only.from)
      return only.from
    }
    const id = nodes.length
    ids.set(stage, id)
    const { buffer, concurrency, kind, name, ordered, place } = stage.info
    nodes.push({ id, name, kind, place, concurrency, buffer, ordered })
    for (const edge of from) edges.push({ ...edge, to: id })
    return id
  }
  visit(end.stage)
  return { graph: { nodes, edges }, idOf: (stage) => ids.get(stage) as number }
}
