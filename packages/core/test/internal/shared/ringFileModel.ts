/**
 * A program and a worker process at the two ends of a `RingFile`, as a program over words: the real class, over a file whose
 * words are the model's. A read or a write of several words is so many steps, so that the other side's may cut it anywhere.
 * The rest of the file is zeros, and no step.
 *
 * A process dies between two system calls, or within one that writes data. A head is written to its end: the kernel copies
 * sixteen bytes of one page, and looks for signals before that or after it.
 */
import { add, load, type Protocol, type Step, store, wait, wake } from "../../../src/internal/explore/wordSteps.ts"
import type { Program, Words } from "../../../src/internal/explore/words.ts"
import { type OpenFile, RingFile, sides } from "../../../src/internal/transport/ringFile.ts"
import { type Perform, running } from "./running.ts"

export type Side = keyof typeof sides

/** Publishes an entry of so many bytes; lets the other side see it, and wakes it; sleeps, and is woken by something else. */
type Action = number | "flush" | "nap"

type AnyRingFile = new (file: OpenFile, side: Side) => RingFile

export interface Setting {
  /** What each does at first. Then it reads, and sleeps, until it has had all that the other publishes. */
  readonly program: ReadonlyArray<Action>
  readonly worker?: ReadonlyArray<Action>
  /** In which order the words of a call are copied. Ascending when absent. */
  readonly writes?: Order
  readonly reads?: Order
  /** Words of heads are copied in halves. */
  readonly halves?: boolean
  /** The program dies, anywhere. */
  readonly dies?: boolean
  readonly ring?: AnyRingFile
}

export type Order = "ascending" | "descending"

const names: ReadonlyArray<Side> = ["program", "worker"]
const other = (side: Side): Side => (side === "program" ? "worker" : "program")

/** A word of the file, or half of one. */
interface Cell {
  readonly at: number
  readonly size: 2 | 4
  readonly name: string
}

export const ringFileProgram = (setting: Setting): Program<string> => {
  const { dies = false, ring: SomeRingFile = RingFile } = setting
  const cells = cellsOf(setting)
  const calls = new WeakMap<object, Map<number, Call>>()
  const actionsOf = (side: Side) => setting[side] ?? []
  const entriesOf = (side: Side) => actionsOf(side).filter((action) => typeof action === "number").length

  const agent = (side: Side) => (_: SharedArrayBuffer, perform: Perform, words: Words<string>, self: number) => {
    const own = counters(words, side)
    const its = counters(words, other(side))
    const inCall = callsOf(calls, words)
    const file = new SomeRingFile(openCells(cells, setting, perform, words, inCall, self), side)
    const sleeps = () => {
      perform(add(own.sleeps, 1))
      return file.sleep()
    }
    let last = 0
    let received = 0
    let heard = 0
    const drain = () => {
      const { reader } = file
      while (reader.next() || (file.look() && reader.next())) {
        const number = reader.view.getInt32(reader.start, true)
        if (number <= last) throw new Error(`entry ${number} comes after entry ${last}`)
        last = number
        received++
        reader.release()
        file.tellRead()
      }
    }
    let number = 0
    let unflushed = 0
    for (const action of actionsOf(side)) {
      if (action === "nap") {
        if (sleeps()) file.awake()
      } else if (action === "flush") {
        file.flush()
        if (dies) perform(add(own.flushed, unflushed))
        unflushed = 0
        if (file.mustWake()) post(perform, its)
      } else if (file.reserve(action)) {
        file.writer.view.setInt32(file.writer.start, ++number, true)
        file.writer.publish(action)
        unflushed++
      } else {
        // It would go by a socket, whose message wakes as well.
        number++
        perform(add(own.skipped, 1))
        perform(add(its.sleeps, 1))
        post(perform, its)
      }
    }
    for (;;) {
      const hasEnded = dies && perform(load(its.ended)) === 1
      drain()
      const missing = entriesOf(other(side)) - received - perform(load(its.skipped))
      if (missing === 0) return
      if (hasEnded) {
        const flushed = perform(load(its.flushed))
        if (received < flushed) throw new Error(`${flushed} were flushed, ${received} were read`)
        return
      }
      if (!sleeps()) continue
      // As an event loop would: a wake-up may belong to a sleep of long ago.
      while (perform(wait(own.messages, heard)) === 1);
      heard++
      file.awake()
    }
  }

  return {
    words: Object.fromEntries([...cells.map(({ name }) => name), ...counterNames].map((name) => [name, 0])),
    agents: names.map((side) => running({}, agent(side), { ownMemory: true })),
    deaths: dies ? 1 : 0,
    reaper: function* (words, dead) {
      yield* calls.get(words)?.get(dead)?.rest() ?? []
      // Comes through the other's event loop, as messages do.
      const [its, own] = [counters(words, names[dead]!), counters(words, other(names[dead]!))]
      yield store(its.ended, 1)
      yield add(own.messages, 1)
      yield wake(own.messages)
    },
    invariant: (words) =>
      names.some((side) => {
        const { messages, sleeps } = counters(words, side)
        return messages.value > sleeps.value + counters(words, other(side)).ended.value
      })
        ? "two messages for one sleep"
        : undefined
  }
}

const counterNames = names.flatMap((side) =>
  ["messages", "sleeps", "skipped", "flushed", "ended"].map((what) => `${side}.${what}`)
)

const counters = (words: Words<string>, side: Side) => ({
  messages: words[`${side}.messages`]!,
  sleeps: words[`${side}.sleeps`]!,
  skipped: words[`${side}.skipped`]!,
  flushed: words[`${side}.flushed`]!,
  ended: words[`${side}.ended`]!
})

const post = (perform: Perform, { messages }: ReturnType<typeof counters>) => {
  perform(add(messages, 1))
  perform(wake(messages))
}

/** The write of a head that a side is in: the kernel ends it, also when the process dies meanwhile. */
class Call {
  readonly #steps: ReadonlyArray<Step>
  done = 0

  constructor(steps: ReadonlyArray<Step>) {
    this.#steps = steps
  }

  *rest(): Protocol {
    yield* this.#steps.slice(this.done)
  }
}

const callsOf = (calls: WeakMap<object, Map<number, Call>>, words: object): Map<number, Call> => {
  const known = calls.get(words) ?? new Map<number, Call>()
  calls.set(words, known)
  return known
}

const headsEnd = 256

const openCells = (
  cells: ReadonlyArray<Cell>,
  { reads, writes }: Setting,
  perform: Perform,
  words: Words<string>,
  inCall: Map<number, Call>,
  self: number
): OpenFile => {
  const within = (order: Order | undefined, position: number, length: number) => {
    const found = cells.filter(({ at }) => at >= position && at < position + length)
    return order === "descending" ? found.reverse() : found
  }
  return {
    read: (bytes, offset, length, position) => {
      for (const { at, name, size } of within(reads, position, length)) {
        const value = perform(load(words[name]!))
        const index = offset + at - position
        if (size === 4) bytes.writeInt32LE(value, index)
        else bytes.writeUInt16LE(value, index)
      }
    },
    write: (bytes, offset, length, position) => {
      const steps = within(writes, position, length).map(({ at, name, size }) => {
        const index = offset + at - position
        return store(words[name]!, size === 4 ? bytes.readInt32LE(index) : bytes.readUInt16LE(index))
      })
      const call = new Call(steps)
      if (position < headsEnd) inCall.set(self, call)
      for (const step of steps) {
        perform(step)
        call.done++
      }
      inCall.delete(self)
    },
    close: () => {}
  }
}

/** Of the file: the heads and how far each has read, and of each entry its length and its number. */
const cellsOf = (setting: Setting): ReadonlyArray<Cell> =>
  names.flatMap((side) => {
    const { data, head, read } = sides[side]
    const pairs = [
      [head, "written"],
      [head + 8, "naps"],
      [read, "read"]
    ] as const
    return [
      ...pairs.flatMap(([at, what]) => [
        ...wordCells(at, `${side}.${what}`, setting),
        ...wordCells(at + 4, `${side}.~${what}`, setting)
      ]),
      ...placesOf(setting[side] ?? []).map((at): Cell => ({ at: data + at, size: 4, name: `${side}.data ${at}` }))
    ]
  })

const wordCells = (at: number, name: string, { halves = false }: Setting): ReadonlyArray<Cell> =>
  halves
    ? [
        { at, size: 2, name: `${name}, low` },
        { at: at + 2, size: 2, name: `${name}, high` }
      ]
    : [{ at, size: 4, name }]

const capacity = sides.worker.data - sides.program.data

/** Where in the data the words are that say something: a length and a number, or that the next entry is at the beginning. */
const placesOf = (actions: ReadonlyArray<Action>): ReadonlyArray<number> => {
  const places = new Set<number>()
  let at = 0
  for (const length of actions) {
    if (typeof length === "string") continue
    const size = Math.ceil((4 + length) / 8) * 8
    places.add(at)
    if (at + size > capacity) at = 0
    places.add(at).add(at + 4)
    at += size
  }
  return [...places].sort((one, another) => one - another)
}
