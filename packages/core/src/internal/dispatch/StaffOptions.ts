/**
 * What a staff is told, checked: milliseconds and bytes.
 *
 * @internal
 */

import type { PooledOptions } from "./PooledSession.ts"
import type { RestartOptions } from "./RestartPolicy.ts"

export interface PoolSize {
  /** Never fewer workers than this, by their idle time. */
  readonly min: number
  readonly max: number
}

export interface MemoryLimits {
  /** A worker that takes more is replaced between tasks. */
  readonly recycleAbove: number
  /** A worker that takes more is killed. */
  readonly killAbove: number
  /** Milliseconds between two measurements. */
  readonly interval: number
}

export interface StaffOptions extends PooledOptions {
  readonly size: PoolSize
  /** Milliseconds without work after which a worker above the least number ends. */
  readonly idleTime: number
  /** Milliseconds a worker has until it is ready. */
  readonly startTimeout: number
  readonly restart: Pick<RestartOptions, "schedule" | "coolDown" | "context">
  readonly recycle: {
    /** Milliseconds. */
    readonly age: number
  }
  readonly memory: MemoryLimits
}
