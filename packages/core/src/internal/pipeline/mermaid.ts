/**
 * A pipeline's graph in the language of Mermaid, which GitHub and most documentation tools draw.
 *
 * ```text
 * flowchart LR
 *   n0(["lines<br/>source"])
 *   n1["parse<br/>task, thread × 4"]
 *   n0 --> n1
 *   n1 -->|"valid"| n2
 * ```
 *
 * @internal
 */
import type { Graph, GraphEdge, GraphNode } from "./graph.ts"

export const toMermaid = ({ edges, nodes }: Graph): string =>
  ["flowchart LR", ...nodes.map(drawNode), ...edges.map(drawEdge)].join("\n  ")

const drawNode = (node: GraphNode): string => {
  const [open, close] = shapes[node.kind] ?? ["[", "]"]
  return `n${node.id}${open}"${textOf(node)}"${close}`
}

/** What begins a flow is round, what divides or joins it is a hexagon; the rest are boxes. */
const shapes: Record<string, readonly [open: string, close: string]> = {
  source: ["([", "])"],
  route: ["{{", "}}"],
  partition: ["{{", "}}"],
  broadcast: ["{{", "}}"],
  merge: ["{{", "}}"]
}

const drawEdge = ({ from, label, to }: GraphEdge): string =>
  label === undefined ? `n${from} --> n${to}` : `n${from} -->|"${escape(label)}"| n${to}`

/** The name; below it what it does, where, how wide, and what waits behind it. */
const textOf = ({ buffer, concurrency, kind, name, ordered, place }: GraphNode): string => {
  const width = concurrency === undefined ? "" : ` × ${concurrency === Number.POSITIVE_INFINITY ? "∞" : concurrency}`
  const details = [
    ...(name === kind ? [] : [kind]),
    ...(place === undefined && width === "" ? [] : [`${place ?? ""}${width}`.trim()]),
    ...(ordered === false ? ["unordered"] : []),
    ...(buffer === undefined ? [] : [`buffer ${buffer}`])
  ]
  return [name, ...(details.length === 0 ? [] : [details.join(", ")])].map(escape).join("<br/>")
}

/**
 * Inside quotes Mermaid still reads entities (`#35;`), HTML, Markdown (`_a_`, and lists, which it refuses), directives (`%%{`),
 * and takes the semicolon off what looks like a style (`style a:b#`). So every sign of ASCII that isn't known to be harmless
 * is written as an entity; what can't be seen is a space, and nothing at all is too, since an empty text is not accepted.
 */
const escape = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[!-~]/g, (sign) => (harmless.test(sign) ? sign : entityOf(sign)))
    .replace(/^( *\d*)([-+.)])/, (_, before, sign) => before + entityOf(sign)) || " "

const harmless = /[A-Za-z0-9.,/()+=-]/

const entityOf = (sign: string): string => `#${sign.charCodeAt(0)};`
