/**
 * How many tasks of a map ride in one message, and how many messages are under way: as many as a worker does in about a millisecond. A message costs the two sides
 * some microseconds, which is nothing beside that and much beside one short task; and a task that takes a millisecond or
 * more rides alone, so that it waits where any worker can take it.
 *
 * It begins with one and grows eightfold at the most, since nothing is known of tasks that have not run. Towards the end of an
 * input whose length is known the chunks get smaller, so that all workers end at about the same time. Lineage: guided
 * self-scheduling (Polychronopoulos and Kuck, 1987), bounded by measured time.
 *
 * @internal
 */

/** Milliseconds of work. */
const goal = 1

/** So many numbers still go through the ring of a thread. */
const most = 1000

const growth = 8

/** A worker has so many chunks before it, of which it runs one: more when they are short, so that it does not wait for the next. */
const leastAhead = 2
const mostAhead = 16

/** Milliseconds: shorter than this is not measured. */
const resolution = 1e-4

export class ChunkSize {
  private readonly given: number | undefined
  private readonly workers: number
  private size: number
  /** Milliseconds. */
  private perTask: number | undefined

  /** `given`: always so many. */
  constructor(given: number | undefined, workers: number) {
    this.given = given
    this.size = given ?? 1
    this.workers = workers
  }

  /** For the next chunk of an input of which so much is left, as far as that is known. */
  next(left: number | undefined): number {
    if (this.given !== undefined || left === undefined) return this.size
    return Math.min(this.size, Math.max(1, Math.ceil(left / (2 * this.workers))))
  }

  /** How many chunks should be in the pool at the same time: a worker has two times `goal` before it, if it can be. */
  get window(): number {
    if (this.perTask === undefined) return leastAhead * this.workers
    const ahead = Math.ceil((2 * goal) / (this.size * this.perTask))
    return this.workers * Math.max(leastAhead, Math.min(mostAhead, ahead))
  }

  measured(tasks: number, millis: number): void {
    if (tasks === 0) return
    const perTask = Math.max(millis, resolution) / tasks
    // Half of it is what was known: one task that is slow among many that are not makes no chunk of one.
    this.perTask = this.perTask === undefined ? perTask : (this.perTask + perTask) / 2
    if (this.given !== undefined) return
    const wanted = Math.floor(goal / this.perTask)
    this.size = Math.max(1, Math.min(wanted, tasks * growth, most))
  }
}
