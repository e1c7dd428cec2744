import assert from "node:assert/strict"
import { describe, it } from "vitest"
import { page } from "../src/report/page.ts"
import { plot } from "../src/report/plot.ts"
import { merged } from "../src/report/publish.ts"
import { digits, markdownTable, terminalTable } from "../src/report/table.ts"
import { report, result } from "./results.ts"

describe("digits", () => {
  it("shows three significant ones, thousands in groups, and no exponent", () => {
    const shown = [0, 0.00001234, 0.1234, 1.234, 12.34, 123.4, 1234.5, 1_234_567.8].map(digits)
    assert.deepEqual(shown, ["0", "0.000012", "0.123", "1.23", "12.3", "123", "1,235", "1,234,568"])
  })
})

describe("terminalTable", () => {
  const text = terminalTable(result)

  it("shows who takes least first, who was not measured last, and marks ours", () => {
    const names = text.split("\n").flatMap((line) => /^ {2}(?:▸ | {2})(\S+(?: <peer>)?) {2}/.exec(line)?.[1] ?? [])
    assert.deepEqual(names.slice(0, 6), ["contender", "raw", "ours", "fast <peer>", "slow", "absent"])
    assert.match(text, /▸ ours +3\.00 +2\.00 … 4\.00$/m)
  })

  it("says what happened to a row that hung or failed", () => {
    assert.match(text, /^ {4}! fast <peer>: round 3: hung: no answer within 60 s$/m)
    assert.match(text, /absent +–$/m)
    assert.match(text, /^ {4}! absent: start: no such module$/m)
    assert.match(markdownTable(result), /^- absent: start: no such module$/m)
  })

  it("says of each goal what was measured, against whom, and whether it is met", () => {
    const goals = text.split("\n").filter((line) => /[✓✗]/.test(line))
    assert.deepEqual(
      goals.map((line) => line.trim()),
      [
        "✓ ours ≤ 0.25 × best peer: 0.150 (fast <peer>), met",
        "✗ ours ≤ 2 × raw: 3.00, not met",
        "✓ ours ≥ 1.9 × slow: 20.0, met",
        "✗ ours ≤ 1 µs: 3.00, not met",
        "✗ ours ≤ 1 × absent: not measured, not met"
      ]
    )
  })

  it("shows what Ropewalk was not measured at, and no goals where it was not asked to take part", () => {
    assert.ok(text.includes("not there yet in µs"))
    const rivals = result.contenders.filter(({ role }) => role !== "ours")
    const withoutOurs = terminalTable({ ...result, contenders: rivals })
    assert.ok(withoutOurs.includes("not there yet in µs") && !/[✓✗]/.test(withoutOurs))
  })
})

describe("the page", () => {
  it("has each case's table, with lost rows and goals", () => {
    const text = page(report)
    assert.ok(text.includes(markdownTable(result)))
    assert.match(text, /\| \*\*ours\*\* \| 3\.00 \| 2\.00 … 4\.00 \| {2}\|/)
    assert.match(text, /\| ours \| ≤ 2 × raw \| 3\.00 \| \*\*not met\*\* \|/)
    assert.match(text, /!\[flood\]\(benchmarks\/flood\.svg\)/)
    assert.ok(text.includes("Read it with care."))
  })
})

describe("plot", () => {
  const svg = plot([result])

  it("draws a bar on a logarithmic scale for each contender that was measured", () => {
    const widths = [...svg.matchAll(/<rect class="(\w+)" x="340" [^>]*width="([\d.]+)"/g)].map(([, role, width]) => [
      role,
      Number(width)
    ])
    assert.deepEqual(
      widths.map(([role]) => role),
      ["limit", "ours", "peer", "peer", "peer"]
    )
    // From 0.1 to 100 in three powers of ten: 1 is one of them from the left.
    const power = (880 - 340 - 70) / 3
    const [raw, ours] = widths.map(([, width]) => width as number)
    assert.ok(Math.abs((raw as number) - power) < 0.1)
    assert.ok(Math.abs((ours as number) - power * (1 + Math.log10(3))) < 0.1)
  })

  it("escapes names, and has colours for dark pages", () => {
    assert.ok(svg.includes("fast &lt;peer&gt;") && !svg.includes("<peer>"))
    assert.ok(svg.includes("prefers-color-scheme: dark"))
  })

  it("draws a contender that took nothing at the left edge", () => {
    const contenders = result.contenders.map((one) => ({ ...one, samples: [{ "a task": 0 }] }))
    assert.ok(!/NaN|Infinity/.test(plot([{ ...result, contenders }])))
  })
})

describe("merged", () => {
  it("replaces the cases that ran again, and keeps the others", () => {
    const other = { ...result, name: "alone" }
    const again = { ...result, load: 9 }
    const one = { ...result, workers: 1 }
    const before = { ...report, cases: [result, other] }
    assert.deepEqual(merged(before, { ...report, cases: [one, again] }).cases, [again, other, one])
  })

  it("begins anew on another machine or with other versions", () => {
    const now = { ...report, versions: { piscina: "6.0.0" }, cases: [] }
    assert.deepEqual(merged(report, now), now)
    assert.deepEqual(merged(undefined, report), report)
  })
})
