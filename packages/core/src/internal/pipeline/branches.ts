/**
 * The stages that have several inputs or several outlets, as `Pipeline` makes them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pipeline } from "../../Pipeline.ts"
import { endOf, fromInput, fromStage } from "./implementation.ts"
import { openJoin, type SplitStage } from "./join.ts"
import type { Choice } from "./split.ts"

type AnyPipeline = Pipeline<any, any, any>

/** What is done with the elements of a branch. */
export type AnySegment = (self: AnyPipeline) => AnyPipeline

interface BranchOptions {
  readonly name?: string | undefined
  readonly buffer?: number | undefined
}

/** Enough that a branch does not wait for another at each element. */
const defaultBuffer = 16

export const merge = (
  pipelines: ReadonlyArray<AnyPipeline>,
  { buffer = defaultBuffer, name = "merge" }: BranchOptions = {}
): AnyPipeline =>
  fromStage({
    info: { kind: "merge", name, ordered: false, buffer },
    inputs: pipelines.map(endOf),
    open: openJoin({ buffer })
  })

interface Branch {
  readonly name: string
  readonly segment: AnySegment
}

/** Each branch begins at an outlet of one stage, and all end in another. */
const branch = (
  self: AnyPipeline,
  kind: string,
  choose: Choice,
  branches: ReadonlyArray<Branch>,
  { buffer = defaultBuffer, name = kind }: BranchOptions = {}
): AnyPipeline => {
  const split: SplitStage = {
    info: { kind, name, buffer },
    inputs: [endOf(self)],
    branches: branches.length,
    choose,
    open: () =>
      Effect.die(new Error(`A branch of "${name}" was run outside of it: use only what its function is given`))
  }
  const ends = branches.map(({ name: label, segment }, outlet) =>
    endOf(segment(fromInput({ stage: split, outlet, label })))
  )
  return fromStage({
    info: { kind: "merge", name: `after ${name}`, ordered: false, buffer },
    inputs: ends,
    open: openJoin({ buffer, split })
  })
}

export const broadcast = (
  self: AnyPipeline,
  segments: ReadonlyArray<AnySegment>,
  options?: BranchOptions
): AnyPipeline => {
  const named = segments.map((segment, index) => ({ name: segment.name || `${index + 1}`, segment }))
  return branch(self, "broadcast", () => "all", named, options)
}

export const partition = (
  self: AnyPipeline,
  predicate: (value: any) => boolean,
  { matching, others }: { readonly matching: AnySegment; readonly others: AnySegment },
  options?: BranchOptions
): AnyPipeline =>
  branch(
    self,
    "partition",
    (value) => (predicate(value) ? 0 : 1),
    [
      { name: "matching", segment: matching },
      { name: "others", segment: others }
    ],
    options
  )

export interface AnyRoute extends Branch {
  readonly predicate: (value: any) => boolean
}

export const route = (self: AnyPipeline, routes: ReadonlyArray<AnyRoute>): AnyPipeline =>
  branch(
    self,
    "route",
    (value) => {
      const index = routes.findIndex(({ predicate }) => predicate(value))
      // The type says that one does: a value that lies about its type is a defect, and is not lost in silence.
      if (index === -1) throw new TypeError("No route takes this element: add one whose predicate is always true")
      return index
    },
    routes
  )
