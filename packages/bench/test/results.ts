/** A result with round numbers, to be rendered. */
import type { CaseResult, Report } from "../src/Result.ts"

export const result: CaseResult = {
  name: "flood",
  title: "so many at once",
  remark: "Read it with care.",
  workers: 2,
  metrics: [
    { name: "a task", unit: "µs" },
    { name: "not there yet", unit: "µs" }
  ],
  goals: [
    { metric: "a task", ours: "ours", against: { label: "best peer", role: "peer" }, atMost: 0.25 },
    { metric: "a task", ours: "ours", against: { label: "raw", names: ["raw"] }, atMost: 2 },
    { metric: "a task", ours: "ours", against: { label: "slow", names: ["slow"] }, atLeast: 1.9 },
    { metric: "a task", ours: "ours", atMost: 1 },
    { metric: "a task", ours: "ours", against: { label: "absent", names: ["absent"] }, atMost: 1 }
  ],
  date: "2026-01-02T03:04:05.000Z",
  rounds: 3,
  quick: false,
  load: 0.5,
  contenders: [
    { name: "slow", role: "peer", samples: [{ "a task": 40 }, { "a task": 80 }, { "a task": 40 }] },
    { name: "ours", role: "ours", samples: [{ "a task": 2 }, { "a task": 4 }, { "a task": 3 }] },
    {
      name: "fast <peer>",
      role: "peer",
      samples: [{ "a task": 10, "not there yet": 1 }, { "a task": 40, "not there yet": 1 }, null],
      problem: "round 3: hung: no answer within 60 s"
    },
    { name: "raw", role: "limit", samples: [{ "a task": 1 }, { "a task": 1 }, { "a task": 1 }] },
    { name: "absent", role: "peer", samples: [null, null, null], problem: "start: no such module" }
  ]
}

export const report: Report = {
  machine: { cpu: "A CPU", cores: 2, memoryGiB: 8, platform: "linux x64", node: "v26.10.0", python: null },
  versions: { piscina: "5.3.2" },
  cases: [result]
}
