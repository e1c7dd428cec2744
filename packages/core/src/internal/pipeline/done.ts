/**
 * How many of the elements that the sources have given are done with: what a progress bar counts.
 *
 * An element is done with when it has left the last stage, or was left out on the way (filtered, skipped, repeated). While every
 * stage makes one of one, or none, that is exact: it is what was given, less what is still somewhere in between.
 *
 * Where a stage makes many of one, or one of many, what comes out is counted in other units than what the sources give. So an
 * element has a share: how much of an element of a source it stands for, on average until now.
 *
 * ```text
 *             share 1             1/500                  1
 *   10 files ────────▶ flatMap ─────────▶ batch(500) ─────────▶ write
 * ```
 *
 * What a `reduce` has folded is done with: nothing is to be seen of its total until the end, and a bar would not move.
 *
 * @internal
 */
import type { Graph, GraphEdge } from "./graph.ts"
import type { StageMeter } from "./StageMeter.ts"

export const doneOf = ({ edges }: Graph, meters: ReadonlyArray<StageMeter>): number => {
  /** Of what leaves each stage. Sources are numbered first, so that it is known of whoever feeds a stage. */
  const shares: Array<number> = []
  let done = 0
  for (const meter of meters) {
    const feeding = edges.filter(({ to }) => to === meter.node.id)
    const branches = edges.filter(({ from }) => from === meter.node.id).length
    const share = meanShare(feeding, meters, shares)
    const passage = passageOf(meter, branches)
    shares.push(share * passage.standsFor)
    done += share * passage.ended
  }
  done += (shares.at(-1) ?? 0) * (meters.at(-1)?.out ?? 0)
  return Math.round(done / least) * least
}

/** Shares are fractions: sums of them miss a whole number by less than this. */
const least = 2 ** -20

interface Passage {
  /** How many of the elements that the stage was given it has given nothing for, and never will. */
  readonly ended: number
  /** How many of them one that leaves it stands for. */
  readonly standsFor: number
}

const passageOf = ({ finished, node, out, outOfFinished, unfinished }: StageMeter, branches: number): Passage => {
  switch (node.kind) {
    case "source":
      // What is in flight there is its next pull, and no element.
      return { ended: 0, standsFor: 1 }
    case "flatMap":
      return {
        ended: Math.max(0, finished - outOfFinished),
        // The first is what is known of whole collections. The one that is being read may be far longer, but is one.
        standsFor: Math.min(1, ratio(finished, outOfFinished), ratio(finished + unfinished, out))
      }
    case "batch":
    case "window":
      return { ended: 0, standsFor: ratio(finished, out) }
    case "broadcast":
      return { ended: 0, standsFor: ratio(1, branches) }
    case "reduce":
      return { ended: finished, standsFor: 0 }
    default:
      return { ended: finished - out, standsFor: 1 }
  }
}

/** Of nothing nothing is known, and nothing has to be. */
const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b)

const meanShare = (
  feeding: ReadonlyArray<GraphEdge>,
  meters: ReadonlyArray<StageMeter>,
  shares: ReadonlyArray<number>
): number => {
  if (feeding.length === 0) return 1
  const sumOf = (f: (from: number) => number): number => feeding.reduce((sum, { from }) => sum + f(from), 0)
  const given = (from: number): number => meters[from]?.out ?? 0
  return ratio(
    sumOf((from) => given(from) * (shares[from] ?? 0)),
    sumOf(given)
  )
}
