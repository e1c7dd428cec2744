import { threadId } from "node:worker_threads"

export const where = () => ({ pid: process.pid, threadId })
