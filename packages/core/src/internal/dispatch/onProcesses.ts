/**
 * Where tasks run in processes: from what the user says of them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { ProcessOptions } from "../../Pool.ts"
import type { InvalidOption } from "../errors.ts"
import { processTransport } from "../transport/processTransport.ts"
import type { Transport, WorkerKind } from "../transport/Transport.ts"
import { outputTo } from "./output.ts"
import { workerUrl } from "./settings.ts"

/** `name` counts where the options have none. */
export const onProcesses = (
  kind: WorkerKind,
  worker: URL,
  name: string,
  options: ProcessOptions
): Effect.Effect<Transport, InvalidOption> =>
  Effect.zipWith(workerUrl(kind, worker), outputTo(options.output), (worker, onOutput) =>
    processTransport({
      kind,
      worker,
      name: options.name ?? name,
      env: options.env,
      cwd: options.cwd,
      heapLimit: options.heapLimit,
      execArgv: options.execArgv,
      onOutput
    })
  )
