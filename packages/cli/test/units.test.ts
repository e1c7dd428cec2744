import { afterEach, assert, describe, it, vi } from "vitest"
import { fitWidth } from "../src/internal/fitWidth.ts"
import { nearest } from "../src/internal/nearest.ts"
import { tooOld } from "../src/internal/nodeVersion.ts"
import { width } from "../src/internal/output.ts"

describe("tooOld", () => {
  it("is about Node 22.19", () => {
    for (const version of ["22.19.0", "22.20.1", "24.0.0", "26.10.0"]) assert.isUndefined(tooOld(version))
    for (const version of ["18.20.0", "20.20.2", "22.18.0"]) {
      assert.strictEqual(
        tooOld(version),
        `ropewalk needs Node 22.19 or newer, and this is Node ${version}. Get a newer one from https://nodejs.org.`
      )
    }
  })
})

describe("nearest", () => {
  const names = ["process-pool", "thread-pool", "lock", "with-lock", "candy"]
  it("prefers names that contain what was typed", () => {
    assert.deepStrictEqual(nearest("pool", names), ["process-pool", "thread-pool"])
  })
  it("else takes those that are fewest edits away", () => {
    assert.deepStrictEqual(nearest("cnady", names), ["candy"])
    assert.deepStrictEqual(nearest("lokc", names), ["lock"])
  })
  it("does not mind capital letters", () => {
    assert.deepStrictEqual(nearest("CANDY", names), ["candy"])
  })
  it("has no guess for what is like nothing", () => {
    assert.deepStrictEqual(nearest("kubernetes", names), [])
    assert.deepStrictEqual(nearest("", names), [])
  })
})

describe("width", () => {
  const columns = Object.getOwnPropertyDescriptor(process.stdout, "columns")
  afterEach(() => {
    Object.defineProperty(process.stdout, "columns", columns ?? { value: undefined, configurable: true })
    vi.unstubAllEnvs()
  })
  const widthOf = (columns: number | undefined) => {
    Object.defineProperty(process.stdout, "columns", { value: columns, configurable: true })
    return width()
  }

  it("is the terminal's, else that of COLUMNS, else 80", () => {
    vi.stubEnv("COLUMNS", "60")
    assert.strictEqual(widthOf(100), 100)
    assert.strictEqual(widthOf(undefined), 60)
    vi.stubEnv("COLUMNS", "")
    assert.strictEqual(widthOf(undefined), 80)
  })
  it("is not 0, where the terminal says so because it doesn't know", () => {
    vi.stubEnv("COLUMNS", "")
    assert.strictEqual(widthOf(0), 80)
  })
})

describe("fitWidth", () => {
  it("leaves alone what fits", () => {
    assert.strictEqual(fitWidth("a\n  b  c", 10), "a\n  b  c")
  })
  it("goes on in the column of the text", () => {
    assert.strictEqual(fitWidth("  --seed    Fix what is random", 24), "  --seed    Fix what is\n            random")
  })
  it("puts the text below a left column that is too wide", () => {
    assert.strictEqual(fitWidth("  --completions <sh>    Print it", 26), "  --completions <sh>\n      Print it")
  })
  it("counts no colours", () => {
    const red = "\u001b[31mred\u001b[39m"
    assert.strictEqual(fitWidth(`${red} ${red} ${red}`, 11), `${red} ${red} ${red}`)
    assert.strictEqual(fitWidth(`${red} ${red} ${red}`, 8), `${red} ${red}\n${red}`)
  })
})
