/**
 * Where tasks run on threads: from what the user says of them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { WorkerOptions } from "../../Pool.ts"
import type { InvalidOption } from "../errors.ts"
import type { Transport, WorkerKind } from "../transport/Transport.ts"
import { threadTransport } from "../transport/threadTransport.ts"
import { outputTo } from "./output.ts"
import { workerUrl } from "./settings.ts"

/** `name` counts where the options have none. */
export const onThreads = (
  kind: WorkerKind,
  worker: URL,
  name: string,
  options: WorkerOptions
): Effect.Effect<Transport, InvalidOption> =>
  Effect.zipWith(workerUrl(kind, worker), outputTo(options.output), (worker, onOutput) =>
    threadTransport({
      kind,
      worker,
      name: options.name ?? name,
      env: options.env,
      resourceLimits: options.heapLimit === undefined ? undefined : { maxOldGenerationSizeMb: options.heapLimit },
      onOutput
    })
  )
