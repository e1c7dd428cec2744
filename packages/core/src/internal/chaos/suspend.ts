/** @internal */
import { spawn } from "node:child_process"
import type { Worker } from "../transport/Transport.ts"

/**
 * Stops a worker process (SIGSTOP), and answers with what lets it go on (SIGCONT).
 *
 * A stopped process can't notice that its parent has died: it would stay for ever. So a guard waits beside it, a shell
 * that reads from a pipe of this program; the pipe's end, whichever way it comes, makes it send the SIGCONT.
 */
export const suspend = (worker: Pick<Worker, "id" | "kill">): (() => void) => {
  const guard = spawn("/bin/sh", ["-c", 'read -r _; kill -CONT "$0"', String(worker.id)], {
    stdio: ["pipe", "ignore", "ignore"]
  })
  // Without a guard the pool's own end still holds.
  guard.on("error", () => {})
  guard.stdin.on("error", () => {})
  guard.unref()
  // The pipe is a socket of Node's, whose type does not say so.
  ;(guard.stdin as { readonly unref?: () => void }).unref?.()
  worker.kill("SIGSTOP")
  return () => {
    worker.kill("SIGCONT")
    guard.stdin.end()
  }
}
