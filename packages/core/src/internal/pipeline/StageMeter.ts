/**
 * What one stage counts while a pipeline runs.
 *
 * It lies on the path of every element, so it is plain fields that the engine adds to, and a clock that is read seldom:
 * reading it costs more than all the rest. Of elements that take less than {@link brief} only one in {@link stride} is
 * timed, and stands for those that ended since the last one that was; of longer ones each is, which then costs next to
 * nothing in comparison. The first elements of a run are all timed, until a brief one ends.
 *
 * ```text
 * const startedAt = meter.begin()
 * …work…
 * meter.end(startedAt)
 * meter.out++            // or failed++, skipped++, retried++, queued++ and queued--: plain numbers
 * ```
 *
 * @internal
 */
import { RunTimes } from "../dispatch/RunTimes.ts"
import type { GraphNode } from "./graph.ts"

/** Milliseconds. An element that takes as long is worth two looks at the clock. */
const brief = 0.02

/** Of brief elements, one in so many is timed. */
const stride = 16

/** What `begin` answers for an element that is not timed. */
const untimed = -1

export class StageMeter {
  in = 0
  out = 0
  failed = 0
  retried = 0
  skipped = 0
  inFlight = 0
  queued = 0
  /** Elements that it works on no more and that aren't done: a collection being read, a part of a batch, what has failed. */
  unfinished = 0
  /** Of `out`, what was made of elements that are finished, where that takes time. */
  outOfFinished = 0
  isDone = false

  readonly node: GraphNode
  private readonly now: () => number
  /** In microseconds, as many as `worked` tells of. */
  private readonly times = new RunTimes()
  /** Milliseconds, with the fractions that the histogram cuts off: all that brief elements take. */
  private worked = 0
  /** Elements that have ended. */
  private ended = 0
  /** Of them, those since the last that was timed. */
  private passed = 0
  private untilTimed = 1
  /** Elements in flight that are timed, and the sum of when they began. */
  private open = 0
  private openSince = 0
  /** When `ended` was last seen to have changed, and what it was. */
  private movedAt: number
  private endedThen = 0

  /** `now` gives milliseconds, of any origin. */
  constructor(node: GraphNode, now: () => number) {
    this.node = node
    this.now = now
    this.movedAt = now()
  }

  /** An element is begun. What this answers goes to `end`. */
  begin(): number {
    this.in++
    return this.start()
  }

  /** Work is begun that is about no one element: what a source reads, say. It goes to `end` too. */
  start(): number {
    this.inFlight++
    if (--this.untilTimed > 0) return untimed
    this.untilTimed = 1
    const now = this.now()
    this.open++
    this.openSince += now
    return now
  }

  /** The element is done with, well or not, or was given up. */
  end(startedAt: number): void {
    this.inFlight--
    this.ended++
    if (startedAt === untimed) {
      this.passed++
      return
    }
    const millis = this.now() - startedAt
    this.open--
    this.openSince -= startedAt
    const standsFor = this.passed + 1
    this.times.record(millis * 1000, standsFor)
    this.worked += millis * standsFor
    this.passed = 0
    this.untilTimed = millis < brief ? stride : 1
  }

  /**
   * Milliseconds of work until now. Of elements that were not timed it is what the others took on average; of those in
   * flight, how long they have been so far.
   */
  busy(now: number): number {
    const mean = this.times.count === 0 ? 0 : this.worked / this.times.count
    return mean * this.ended + this.underWay(now)
  }

  /** Elements that came in, and that nothing is left of here. */
  get finished(): number {
    return this.in - this.inFlight - this.queued - this.unfinished
  }

  /** Milliseconds, of the share `q` of all elements. */
  quantile(q: number): number {
    return this.times.quantile(q) / 1000
  }

  private underWay(now: number): number {
    if (this.inFlight === 0) return 0
    if (this.open > 0) return (now * this.open - this.openSince) * (this.inFlight / this.open)
    // None of them is timed. They are brief, unless none has ended since the last look.
    if (this.ended !== this.endedThen) {
      this.endedThen = this.ended
      this.movedAt = now
    }
    return (now - this.movedAt) * this.inFlight
  }
}
