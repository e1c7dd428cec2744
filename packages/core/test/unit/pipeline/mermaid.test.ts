import { assert, describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { GraphNode } from "../../../src/internal/pipeline/graph.ts"
import { toMermaid } from "../../../src/internal/pipeline/mermaid.ts"

const node = (id: number, kind: string, rest: Partial<GraphNode> = {}): GraphNode => ({
  id,
  kind,
  name: kind,
  place: undefined,
  concurrency: undefined,
  buffer: undefined,
  ordered: undefined,
  ...rest
})

const edge = (from: number, to: number, label?: string) => ({ from, to, label })

const labelOf = (name: string): string => {
  const drawn = toMermaid({ nodes: [node(0, "map", { name })], edges: [] })
  const label = /^flowchart LR\n {2}n0\["(.*)<br\/>map"\]$/s.exec(drawn)?.[1]
  assert(label !== undefined, drawn)
  return label
}

describe("toMermaid", () => {
  it("draws stages with their places and widths, and labels branches", () => {
    const drawn = toMermaid({
      nodes: [
        node(0, "source", { name: "lines" }),
        node(1, "task", { name: "parse", place: "thread", concurrency: 4, ordered: false, buffer: 16 }),
        node(2, "route"),
        node(3, "map", { place: "fiber", concurrency: Number.POSITIVE_INFINITY, ordered: true }),
        node(4, "filter"),
        node(5, "merge"),
        node(6, "batch", { concurrency: 1 })
      ],
      edges: [edge(0, 1), edge(1, 2), edge(2, 3, "valid"), edge(2, 4, "not valid"), edge(3, 5), edge(4, 5), edge(5, 6)]
    })
    expect(drawn).toBe(`flowchart LR
  n0(["lines<br/>source"])
  n1["parse<br/>task, thread × 4, unordered, buffer 16"]
  n2{{"route"}}
  n3["map<br/>fiber × ∞"]
  n4["filter"]
  n5{{"merge"}}
  n6["batch<br/>× 1"]
  n0 --> n1
  n1 --> n2
  n2 -->|"valid"| n3
  n2 -->|"not valid"| n4
  n3 --> n5
  n4 --> n5
  n5 --> n6`)
  })

  it("draws an empty graph", () => expect(toMermaid({ nodes: [], edges: [] })).toBe("flowchart LR"))

  const names: ReadonlyArray<readonly [name: string, label: string]> = [
    ["end", "end"],
    ['say "hi"', "say #34;hi#34;"],
    ["a]b[c", "a#93;b#91;c"],
    ["<script>alert(1)</script>", "#60;script#62;alert(1)#60;/script#62;"],
    ["`**bold**`", "#96;#42;#42;bold#42;#42;#96;"],
    ["#quot;", "#35;quot#59;"],
    ["style a:b#c;", "style a#58;b#35;c#59;"],
    ["%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"],
    ["%% a comment", "#37;#37; a comment"],
    ["a|b --> c", "a#124;b --#62; c"],
    ["two\r\nlines", "two lines"],
    ["a\u2028b\u0000c", "a b c"],
    ["C:\\temp", "C#58;#92;temp"],
    ["größer 速い 🚀", "größer 速い 🚀"],
    ["\ud800", "\ufffd"],
    ["", " "],
    ["a & b", "a #38; b"],
    ["it's $5 @ 3~4 ^_^", "it#39;s #36;5 #64; 3#126;4 #94;#95;#94;"],
    ["_private_", "#95;private#95;"],
    ["1. first", "1#46; first"],
    ["- item", "#45; item"],
    ["a-b+c 1.5", "a-b+c 1.5"]
  ]
  for (const [name, label] of names) it(`writes ${JSON.stringify(name)}`, () => expect(labelOf(name)).toBe(label))

  it("escapes the labels of branches", () =>
    expect(toMermaid({ nodes: [], edges: [edge(0, 1, '"|x')] })).toBe('flowchart LR\n  n0 -->|"#34;#124;x"| n1'))

  it.effect.prop(
    "any name is one line of harmless signs, and can be read again",
    [Arbitrary.schema(Schema.String)],
    ([name]) =>
      Effect.sync(() => {
        const label = labelOf(name)
        expect(label.replace(/#\d+;/g, "")).toMatch(/^[^\n\r"#;:<>&%`|{}[\]\\]*$/)
        const read = label.replace(/#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
        expect(read).toBe(name.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, " ") || " ")
      }),
    { arbitrary: { runs: 500 } }
  )
})
