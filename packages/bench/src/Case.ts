/**
 * What a case of the benchmark is: a piece of work, those who do it (`Contender`), what is measured of them (`Metric`) and
 * how it ought to come out (`Goal`).
 *
 * A case runs once for each number of workers, each time in a process of its own, in which all contenders are started and
 * are measured in turn. So ratios compare what one machine did within the same seconds.
 */

/** Who a contender is: peers are what goals are compared with; a limit is what the platform can do; a note only informs. */
export type Role = "ours" | "peer" | "python" | "limit" | "note"

/** What one round measured, by the name of the metric. A metric that a contender can't offer is left out. */
export type Figures = Readonly<Record<string, number>>

export interface Setting {
  readonly workers: number
  /** A smaller amount of work, for a look and for tests. */
  readonly quick: boolean
}

/** How many times to do something: `full`, or a tenth of it in a quick run. */
export const times = (setting: Setting, full: number): number => (setting.quick ? Math.ceil(full / 10) : full)

/** A contender that has started. */
export interface Running {
  readonly round: () => Promise<Figures>
  readonly stop: () => Promise<unknown>
}

export interface Contender {
  /** Its name in the tables, with the configuration that is the best one for the case. */
  readonly name: string
  readonly role: Role
  readonly start: (setting: Setting) => Promise<Running>
}

export interface Metric {
  readonly name: string
  readonly unit: string
}

/** What our figure is divided by: the best of a role, or the best of those that are named. Nothing: the figure itself. */
export interface Against {
  readonly label: string
  readonly role?: Role
  readonly names?: ReadonlyArray<string>
}

export interface Goal {
  readonly metric: string
  /** The contender whose goal it is. */
  readonly ours: string
  /** Without it, the bound is on the figure itself, in the unit of the metric. */
  readonly against?: Against
  readonly atMost?: number
  /** A speed-up: the other's figure divided by ours. */
  readonly atLeast?: number
}

export interface Case {
  readonly name: string
  /** One line: what is done, how many times. */
  readonly title: string
  readonly metrics: ReadonlyArray<Metric>
  /** The numbers of workers it is run with. */
  readonly workers: ReadonlyArray<number>
  readonly contenders: ReadonlyArray<Contender>
  readonly goals: ReadonlyArray<Goal>
  /** What must be known to read the table: why a goal is missed, what a figure is made of. Markdown. */
  readonly remark?: string
  /**
   * Rounds that don't count go before each one that does: for work of microseconds, which V8 compiles anew after a garbage
   * collection.
   */
  readonly rewarm?: boolean
  /** Each round of each contender in a fresh process: for what the contender before would leave behind (memory). */
  readonly isolated?: boolean
  /** Fewer rounds than asked for are enough, where figures hardly vary or a round is long. */
  readonly maxRounds?: number
}

export const bestPeer: Against = { label: "best peer", role: "peer" }

/** `atMost` against one contender, by its name. */
export const named = (name: string): Against => ({ label: name, names: [name] })
