/**
 * Counts the words of a folder of text, as map and reduce: the folder is cut into chunks, workers count a chunk each, and the
 * counts are added up as they come.
 *
 * What is sent to a worker is where to read, and what comes back are the counts: the text itself crosses nowhere.
 */
import * as Pipeline from "@ropewalk/core/Pipeline"
import type { Module } from "@ropewalk/core/Pool"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { measure, onThisThread } from "../internal/job/measure.ts"
import { type JobOptions, type JobSettings, settingsOf, wholeNumber } from "../internal/job/options.ts"
import { type OutputFolder, openOutput } from "../internal/job/output.ts"
import { sizes } from "../internal/job/sizes.ts"
import { workersOf } from "../internal/job/workers.ts"
import { lane, note, verdict } from "../internal/Stage.ts"
import { watched } from "../internal/watched.ts"
import { addAll, byFrequency, unpack } from "../internal/words/counts.ts"
import { draftsOf, filesIn } from "../internal/words/folder.ts"
import { bytesOf, chunksOf, type File, type Span } from "../internal/words/spans.ts"
import { emptyTally, type Tally, tallySpans } from "../internal/words/tally.ts"
import { InputUnreadable } from "../JobError.ts"

/** `size` is how much text to make, in megabytes, 1 to 10,000, by default 64. */
export interface Options extends JobOptions {
  /** The folder whose files are to be counted, instead of text made from the seed. */
  readonly folder?: string | undefined
  /** How many words to print. Default: 10. */
  readonly top?: number | undefined
}

type Work = typeof import("./word-count.worker.ts")
type Chunk = ReadonlyArray<Span>

/** One that it works on, and one that waits for it. */
const perWorker = 2

/** Counts the chunks on so many workers. When a worker is lost under a chunk, another counts it. */
export const count = (workers: Module<Work>, size: number, chunks: ReadonlyArray<Chunk>) =>
  Pipeline.from(chunks, { name: "chunks" }).pipe(
    Pipeline.call(workers, "count", { concurrency: perWorker * size, ordered: false, retry: Schedule.recurs(1) }),
    watched(chunks.length),
    Pipeline.runFold(emptyTally, (tally, { counts, unread }) => {
      addAll(tally.counts, unpack(counts))
      tally.unread.push(...unread)
      return tally
    })
  )

/** The same on one thread: this one. */
export const countHere = (chunks: ReadonlyArray<Chunk>): Effect.Effect<Tally> =>
  Effect.suspend(() => {
    const tally = emptyTally()
    return Effect.as(
      onThisThread(chunks, (chunk) => tallySpans(tally, chunk)),
      tally
    )
  })

export const job = Effect.fnUntraced(function* (options: Options) {
  const settings = yield* settingsOf(options, sizes.wordCount)
  const top = yield* wholeNumber("top", options.top ?? 10, 0, 10_000)
  const out = yield* openOutput("word-count", options.out)
  const workers = yield* workersOf<Work>("jobs/word-count.worker", settings.place, settings.workers)
  const folder = options.folder ?? (yield* makeText(workers, settings))
  const { files, unread } = yield* Effect.tryPromise({
    try: () => filesIn(folder),
    catch: (cause) => new InputUnreadable({ path: folder, cause })
  })
  const chunks = [...chunksOf(files, chunkSize(settings.workers))]

  yield* Console.log(`Counting the words of ${files.length} files, ${megabytes(files)}, in ${chunks.length} chunks...`)
  const counted = yield* measure(settings, {
    one: countHere(chunks),
    many: count(workers, settings.workers, chunks),
    isSame: (one, many) => JSON.stringify(byFrequency(one.counts)) === JSON.stringify(byFrequency(many.counts))
  }).pipe(lane("count"))
  counted.result.unread.push(...unread)
  yield* report(counted.result, top, out)

  yield* verdict({
    elapsed: counted.seconds,
    ...(counted.beside === undefined ? {} : { ideal: counted.beside.ideal }),
    shown: `counted in ${counted.shown}`,
    ok: counted.beside?.isSame ?? true
  })
})

/** Text in a folder of its own, until the job is over. */
const makeText = Effect.fnUntraced(function* (workers: Module<Work>, { seed, size, workers: count }: JobSettings) {
  const { path } = yield* openOutput("text", "nowhere")
  yield* Console.log(`Making ${size} MB of text...`)
  const drafts = draftsOf(path, seed, size * 1e6)
  yield* Pipeline.from(drafts).pipe(
    Pipeline.call(workers, "write", { concurrency: perWorker * count, ordered: false }),
    watched(drafts.length),
    Pipeline.run,
    lane("make text")
  )
  return path
})

/**
 * Large chunks first, since each has its counts to be added up; small ones at the end, so that all workers end at the same time
 * (guided self-scheduling).
 */
const chunkSize =
  (workers: number) =>
  (left: number): number =>
    Math.min(32e6, Math.max(512e3, Math.ceil(left / (2 * workers))))

const megabytes = (files: ReadonlyArray<File>): string => `${(bytesOf(files) / 1e6).toFixed(1)} MB`

/** Prints the most frequent words, and writes all of them. */
const report = Effect.fnUntraced(function* ({ counts, unread }: Tally, top: number, out: OutputFolder) {
  const words = byFrequency(counts)
  const total = words.reduce((sum, [, times]) => sum + times, 0)
  yield* Console.log(`${total} words, ${words.length} different`)
  const width = String(words[0]?.[1] ?? "").length
  for (const [word, times] of words.slice(0, top)) yield* Console.log(`${String(times).padStart(width)}  ${word}`)
  const reasons = new Map(unread.map(({ path, reason }) => [path, reason]))
  for (const [path, reason] of reasons) yield* note(`not counted: ${path} (${reason})`)
  const path = yield* out.write("words.tsv", words.map(([word, times]) => `${word}\t${times}\n`).join(""))
  if (out.isKept) yield* Console.log(`All words are in ${path}`)
})
