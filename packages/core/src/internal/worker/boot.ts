/**
 * What every worker does first: load the worker file, and say whether it can take tasks. No Effect is imported here: a
 * worker of a plain module starts without it.
 *
 * @internal
 */
import { withFaults } from "../chaos/withFaults.ts"
import { toWireError } from "../codec/wireError.ts"
import type { ParentLink, RawLink } from "../transport/Transport.ts"
import { withReports } from "./withReports.ts"

/**
 * The link waits on the global object, under a name that two copies of this package share: a worker file may load another
 * copy than the one that started it.
 */
const linkKey = Symbol.for("~ropewalk/worker/ParentLink")

type LinkHolder = { [linkKey]?: ParentLink | undefined }

/** The link of this worker, for its first caller; `undefined` outside of a worker, or when it has been taken. */
export const takeLink = (): ParentLink | undefined => {
  const holder = globalThis as LinkHolder
  const link = holder[linkKey]
  holder[linkKey] = undefined
  return link
}

export const boot = async (raw: RawLink): Promise<void> => {
  const link = withFaults(withReports(raw))
  const holder = globalThis as LinkHolder
  if (link.kind === "group") holder[linkKey] = link
  try {
    const exports: Record<string, unknown> = await import(link.worker)
    if (link.kind === "module") {
      const { runModule } = await import("./runModule.ts")
      runModule(link, exports)
    } else if (holder[linkKey] !== undefined) {
      throw new Error(`The worker file does not call WorkerMain.run: ${link.worker}`)
    }
  } catch (cause) {
    link.send({ kind: "startFailed", cause: toWireError(cause) })
    link.exit(1)
  }
}
