/**
 * The calls of a pool that wait for a worker: the highest priority first, the oldest among equals. A call that is bound to a
 * lane (the slot of one worker) goes to that worker only, and keeps its turn among those that any worker may take.
 *
 * Plain data, no Effect: every task passes through it, mostly with one priority and no lane, and then a push or a shift is a
 * link set or cleared. Intrusive doubly linked lists, as in the Linux kernel's `list.h` and its O(1) scheduler (one list a
 * priority, the highest that is not empty at hand): the links are fields of the entry, so that a push allocates nothing, a
 * withdrawal costs the same wherever the call stands, and an empty queue holds nothing.
 *
 * ```text
 * CallQueue ─┬─ free ──── level 5 ── a ─ d        a shift for lane 1 compares the heads of `free` and `lane 1`:
 *            │          └ level 0 ── b ─ f            priority first, then the order of arrival
 *            └─ lane 1 ── level 0 ── c ─ e
 * ```
 *
 * Measured in a flood of 50,000, a push and its shift: 10 to 15 ns with one priority, 25 ns with three, 0.1 to 0.4 µs with
 * 1,000; 1 to 2.5 µs when each call has a priority of its own (with a sorted array of levels: 46 µs).
 *
 * @internal
 */

/** What can be queued. An entry is in one queue at a time, at the most. */
export class QueueEntry {
  /** Any finite number: higher goes first. */
  readonly priority: number
  /** The only lane that may take it, or `undefined`: any. Changes only while the entry is in no queue. */
  lane: number | undefined
  /** The rest is the queue's: where the entry stands, and when it came. */
  level: Level | undefined = undefined
  ahead: QueueEntry | undefined = undefined
  behind: QueueEntry | undefined = undefined
  order: number

  constructor(priority = 0, lane?: number) {
    this.priority = priority
    this.lane = lane
    // Also without a queue: one that a worker was given at once, and gave back, is older than those that came after it.
    this.order = ++arrivals
  }
}

/** One count for all queues: an entry that goes from one to another is still older than those that come after it. */
let arrivals = 0

export class CallQueue<T extends QueueEntry> {
  private readonly free = new Line(this)
  /** As many as there are worker slots, at the most. */
  private readonly lanes = new Map<number, Line>()
  private count = 0

  get size(): number {
    return this.count
  }

  /** Behind those of equal priority. */
  push(entry: T): void {
    const level = this.levelOf(entry)
    entry.order = ++arrivals
    level.insert(entry, level.tail)
    this.count++
  }

  /**
   * Takes back what a worker had been given and has not begun, to the front of its priority. Several come back in the order
   * in which they came first, however they are handed in; last to first is the cheapest.
   */
  unshift(entry: T): void {
    const level = this.levelOf(entry)
    let ahead: QueueEntry | undefined
    for (let next = level.head; next !== undefined && next.order < entry.order; next = next.behind) ahead = next
    level.insert(entry, ahead)
    this.count++
  }

  /** The next one for the worker of this lane. */
  shift(lane: number): T | undefined {
    const entry = this.nextFor(lane)
    if (entry !== undefined) this.take(entry, entry.level!)
    return entry as T | undefined
  }

  /** Whether `shift` would find one. */
  hasFor(lane: number): boolean {
    return this.nextFor(lane) !== undefined
  }

  /** Takes it out, wherever it stands. `false`: it is not in this queue. */
  remove(entry: T): boolean {
    const { level } = entry
    if (level === undefined || level.line.queue !== this) return false
    this.take(entry, level)
    return true
  }

  /** The one that would be next if every lane had a worker that is free. It stays. */
  first(): T | undefined {
    let first = this.free.top.head
    if (this.lanes.size === 0) return first as T | undefined
    for (const { top } of this.lanes.values()) {
      const { head } = top
      if (head !== undefined && (first === undefined || precedes(head, first))) first = head
    }
    return first as T | undefined
  }

  /** The one that can best be spared, of any lane: the oldest of the lowest priority. It stays. */
  oldest(): T | undefined {
    let oldest = this.free.bottom.head
    if (this.lanes.size === 0) return oldest as T | undefined
    for (const { bottom } of this.lanes.values()) {
      const { head } = bottom
      if (head === undefined) continue
      if (oldest === undefined || head.priority < oldest.priority) oldest = head
      else if (head.priority === oldest.priority && head.order < oldest.order) oldest = head
    }
    return oldest as T | undefined
  }

  /** Empties the queue. What was in it comes in its order, so that it can be pushed again, bound to other lanes. */
  drain(): Array<T> {
    const entries: Array<QueueEntry> = []
    this.free.empty(entries)
    for (const line of this.lanes.values()) line.empty(entries)
    this.lanes.clear()
    this.count = 0
    return entries.sort((a, b) => b.priority - a.priority || a.order - b.order) as Array<T>
  }

  private levelOf(entry: T): Level {
    // Linked twice, an entry would cut those behind it out of its first list: they would never be run.
    if (entry.level !== undefined) throw new Error("The entry is in a queue already")
    return (entry.lane === undefined ? this.free : this.line(entry.lane)).level(entry.priority)
  }

  private line(lane: number): Line {
    const known = this.lanes.get(lane)
    if (known !== undefined) return known
    const line = new Line(this)
    this.lanes.set(lane, line)
    return line
  }

  private nextFor(lane: number): QueueEntry | undefined {
    const free = this.free.top.head
    if (this.lanes.size === 0) return free
    const bound = this.lanes.get(lane)?.top.head
    if (bound === undefined) return free
    return free === undefined || precedes(bound, free) ? bound : free
  }

  private take(entry: QueueEntry, level: Level): void {
    level.unlink(entry)
    if (level.head === undefined) level.line.dropEmpty(level)
    this.count--
  }
}

const precedes = (a: QueueEntry, b: QueueEntry): boolean =>
  a.priority > b.priority || (a.priority === b.priority && a.order < b.order)

/**
 * The entries of one lane, or of none: a level for each priority that waits, the highest first, in a skip list (Pugh, 1990).
 * None is empty, unless it is the only one: a queue that runs empty with every task makes no garbage.
 */
class Line {
  readonly queue: CallQueue<any>
  /** The highest and the lowest one. */
  top: Level
  bottom: Level
  /** Above all: where each search begins. */
  private readonly start: Level
  /** For each height, the last level above the priority that was searched for. */
  private readonly path: Array<Level> = []

  constructor(queue: CallQueue<any>) {
    this.queue = queue
    this.start = new Level(this, Number.POSITIVE_INFINITY, maxHeight)
    this.top = this.bottom = new Level(this, 0, 1)
    this.start.next[0] = this.top
  }

  level(priority: number): Level {
    const { top } = this
    if (top.priority === priority) return top
    if (top.head === undefined) {
      top.priority = priority
      return top
    }
    const below = this.search(priority)
    if (below?.priority === priority) return below
    const level = new Level(this, priority, randomHeight())
    for (let height = 0; height < level.next.length; height++) {
      const { next } = this.path[height]!
      level.next[height] = next[height]
      next[height] = level
    }
    this.top = this.start.next[0]!
    if (below === undefined) this.bottom = level
    return level
  }

  dropEmpty(level: Level): void {
    if (this.top === this.bottom) return
    this.search(level.priority)
    for (let height = 0; height < level.next.length; height++) this.path[height]!.next[height] = level.next[height]
    this.top = this.start.next[0]!
    if (this.bottom === level) this.bottom = this.path[0]!
  }

  /** Moves all that is in it behind `entries`, highest priority first. */
  empty(entries: Array<QueueEntry>): void {
    for (let { head } = this.top; head !== undefined; head = this.top.head) {
      this.top.unlink(head)
      entries.push(head)
      if (this.top.head === undefined) this.dropEmpty(this.top)
    }
  }

  /** The first level that is not above the priority. */
  private search(priority: number): Level | undefined {
    let level = this.start
    for (let height = maxHeight - 1; height >= 0; height--) {
      for (let next = level.next[height]; next !== undefined && next.priority > priority; next = level.next[height]) {
        level = next
      }
      this.path[height] = level
    }
    return level.next[0]
  }
}

/** Enough for 4^10, a million, priorities that wait. */
const maxHeight = 10

/** One level in four is seen from the next height. */
const randomHeight = (): number => {
  let height = 1
  while (height < maxHeight && Math.random() < 0.25) height++
  return height
}

/** The entries of equal priority in one line, the oldest first. */
class Level {
  readonly line: Line
  priority: number
  head: QueueEntry | undefined = undefined
  tail: QueueEntry | undefined = undefined
  /** The next lower level, as seen from each height up to its own. */
  readonly next: Array<Level | undefined>

  constructor(line: Line, priority: number, height: number) {
    this.line = line
    this.priority = priority
    this.next = new Array<Level | undefined>(height).fill(undefined)
  }

  /** Puts it behind `ahead`, or first. */
  insert(entry: QueueEntry, ahead: QueueEntry | undefined): void {
    const behind = ahead === undefined ? this.head : ahead.behind
    entry.level = this
    entry.ahead = ahead
    entry.behind = behind
    if (ahead === undefined) this.head = entry
    else ahead.behind = entry
    if (behind === undefined) this.tail = entry
    else behind.ahead = entry
  }

  /** An entry that has left points at nothing: one that lives on, as a call does while it runs, must not keep others. */
  unlink(entry: QueueEntry): void {
    const { ahead, behind } = entry
    if (ahead === undefined) this.head = behind
    else ahead.behind = behind
    if (behind === undefined) this.tail = ahead
    else behind.ahead = ahead
    entry.level = entry.ahead = entry.behind = undefined
  }
}
