/** What a run of the benchmark leaves: written as JSON, and all that the tables and plots are made from. */
import type { Figures, Goal, Metric, Role } from "./Case.ts"

export interface ContenderResult {
  readonly name: string
  readonly role: Role
  /** By round. `null` where there is none: it hung or failed before. */
  readonly samples: ReadonlyArray<Figures | null>
  /** Why there are no more samples: "hung: …", or what it failed with. */
  readonly problem?: string
}

export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly workers: number
  readonly metrics: ReadonlyArray<Metric>
  readonly goals: ReadonlyArray<Goal>
  readonly remark?: string
  readonly date: string
  readonly rounds: number
  readonly quick: boolean
  /** The load of the machine when the case began: others slow a benchmark down. */
  readonly load: number
  readonly contenders: ReadonlyArray<ContenderResult>
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly python: string | null
}

export interface Report {
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly cases: ReadonlyArray<CaseResult>
}
