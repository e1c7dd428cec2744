import { expect, it } from "vitest"
import { drawTerminal } from "../terminalSvg.ts"

const textsOf = (svg: string) =>
  [...svg.matchAll(/<text ([^>]*)>([^<]*)</g)].map((match) => ({ attributes: match[1], text: match[2] }))

it("keeps the text, escaped", () => {
  expect(textsOf(drawTerminal(["a < b & c"])).map(({ text }) => text)).toEqual(["a &lt; b &amp; c"])
})

it("splits a line where its colour changes, at the right column", () => {
  const [first, second, third] = textsOf(drawTerminal(["ab\u001b[32mcd\u001b[39me"]))
  expect([first?.text, second?.text, third?.text]).toEqual(["ab", "cd", "e"])
  expect(second?.attributes).toContain('x="34.8"')
  expect(second?.attributes).toContain('fill="#8ccf7e"')
  expect(third?.attributes).toContain('fill="#d5dbe3"')
})

it("carries a colour over the end of a line until it is reset", () => {
  const [, second, third] = textsOf(drawTerminal(["\u001b[1;31ma", "b", "\u001b[0mc"]))
  expect(second?.attributes).toContain('font-weight="bold"')
  expect(third?.attributes).not.toContain("bold")
})

it("is as wide as its longest line, not counting codes", () => {
  expect(drawTerminal(["\u001b[31mabc\u001b[0m"])).toContain('width="62"')
})

it("joins what looks the same into one text", () => {
  const cells = "\u001b[36m█\u001b[39m".repeat(3)
  expect(textsOf(drawTerminal([cells])).map(({ text }) => text)).toEqual(["███"])
})
