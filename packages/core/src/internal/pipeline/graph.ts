/**
 * The shape of a pipeline as plain data: what `Pipeline.describe` gives, what a run's meters are numbered by, and what
 * `toMermaid` draws. Public through `Pipeline`.
 *
 * @internal
 */
import type { Place } from "../codec/CallContext.ts"

export interface GraphNode {
  /** Its number in the graph, from 0; a run's stats carry the same. */
  readonly id: number
  readonly name: string
  /** What it does: `source`, `map`, `task`, `filter`, `batch`… */
  readonly kind: string
  /** Where its work runs; `undefined` for what only moves elements. */
  readonly place: Place | undefined
  /** How many elements it works on at the same time. */
  readonly concurrency: number | undefined
  /** How many elements may wait between it and the next stage. */
  readonly buffer: number | undefined
  /** Whether elements leave it in the order in which they came. */
  readonly ordered: boolean | undefined
}

export interface GraphEdge {
  /** The id of the stage that elements leave. */
  readonly from: number
  /** The id of the stage they go to. */
  readonly to: number
  /** The name of the route or branch, where a stage has more than one. */
  readonly label: string | undefined
}

export interface Graph {
  readonly nodes: ReadonlyArray<GraphNode>
  readonly edges: ReadonlyArray<GraphEdge>
}
