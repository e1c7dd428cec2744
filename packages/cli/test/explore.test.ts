import { fileURLToPath } from "node:url"
import * as Explore from "@ropewalk/core/testing/Explore"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { ropewalk } from "./run.ts"

const bank = fileURLToPath(new URL("./fixtures/bank.ts", import.meta.url))

const decodeReport = Schema.decodeUnknownSync(Schema.toCodecJson(Explore.Report))

describe("ropewalk explore", () => {
  it("finds the program that is wrong, says by which schedule, and ends with 1", async () => {
    const { code, stderr, stdout } = await ropewalk(["explore", bank])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^careful: nothing found in/m)
    assert.match(stdout, /^careless: failure found in/m)
    assert.match(stdout, /the balance is 1/)
    assert.match(stderr, /^ropewalk: 1 of 2 programs are wrong under some schedule: careless\n$/)
  })

  it("replays a finding by its schedule", async () => {
    const { lines } = await ropewalk(["explore", bank, "careless", "--json"])
    const { finding, schedule } = decodeReport(JSON.parse(lines[0] as string))
    assert.strictEqual(finding?.kind, "failure")
    const again = await ropewalk(["explore", bank, "careless", "--replay", schedule as string])
    assert.strictEqual(again.code, 1)
    assert.match(again.stdout, /the balance is 1/)
  })

  it("ends with 0 when every schedule is right", async () => {
    const { code, lines } = await ropewalk(["explore", bank, "careful", "--strategy", "exhaustive", "--json"])
    assert.strictEqual(code, 0)
    assert.isTrue(decodeReport(JSON.parse(lines[0] as string)).complete)
  })

  it("leaves out what makes no difference, if what is shared is declared", async () => {
    const args = ["explore", bank, "careful", "--strategy", "exhaustive", "--json"]
    const all = decodeReport(JSON.parse((await ropewalk(args)).lines[0] as string))
    const { code, lines } = await ropewalk([...args, "--sharing", "declared"])
    const reduced = decodeReport(JSON.parse(lines[0] as string))
    assert.strictEqual(code, 0)
    assert.isTrue(reduced.complete)
    assert.match(reduced.strategy, /reduced/)
    assert.isDefined(reduced.reordered)
    assert.isAtMost(reduced.runs, all.runs)
  })

  for (const [args, message] of [
    [["./no-such-file.ts"], /can't be loaded: .*no-such-file\.ts/],
    [[bank, "nothing"], /exports no Effect "nothing"; it exports careful, careless/],
    [[bank, "notAProgram"], /exports no Effect "notAProgram"/],
    [[bank, "--replay", "x"], /a schedule belongs to one program/],
    [[bank, "careful", "--replay", "no schedule"], /no schedule/],
    [[bank, "--strategy", "luck"], /--strategy: "luck"/],
    [[bank, "--sharing", "nothing"], /--sharing: "nothing"/],
    [[bank, "--schedules", "0"], /--schedules: "0"/]
  ] as const) {
    it(`is refused: ${args.slice(1).join(" ") || args[0]}`, async () => {
      const { code, stderr, stdout } = await ropewalk(["explore", ...args], { COLUMNS: "200" })
      assert.strictEqual(code, 2)
      assert.strictEqual(stdout, "")
      assert.match(stderr, message)
      assert.notMatch(stderr, /\n\s+at /)
    })
  }
})
