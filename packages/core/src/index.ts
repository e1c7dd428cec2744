/**
 * Everything at once, for a REPL. A program, and above all a worker file, imports the modules it needs
 * (`@ropewalk/core/ThreadPool`): each import is paid for by every worker that starts.
 *
 * @since 0.1.0
 */
export * as BoundedSemaphore from "./BoundedSemaphore.ts"
export * as Channel from "./Channel.ts"
export * as CheckpointStore from "./CheckpointStore.ts"
export * as DeadLetter from "./DeadLetter.ts"
export * as FiberPool from "./FiberPool.ts"
export * as Joiner from "./Joiner.ts"
export * as Limiter from "./Limiter.ts"
export * as Manager from "./Manager.ts"
export * as Mutex from "./Mutex.ts"
export * as Pipe from "./Pipe.ts"
export * as Pipeline from "./Pipeline.ts"
export * as Pool from "./Pool.ts"
export * as Process from "./Process.ts"
export * as ProcessPool from "./ProcessPool.ts"
export * as Progress from "./Progress.ts"
export * as SharedValue from "./SharedValue.ts"
export * as Supervisor from "./Supervisor.ts"
export * as TaskScope from "./TaskScope.ts"
export * as Thread from "./Thread.ts"
export * as ThreadPool from "./ThreadPool.ts"
export * as Tracker from "./Tracker.ts"
export * as Transfer from "./Transfer.ts"
export * as WorkerMain from "./WorkerMain.ts"
