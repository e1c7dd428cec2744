/** Files that are named at run time, where no compiler rewrites their extension: what is measured is built first. */
import { extname } from "node:path"

/** The file at this path from `from`, whose extension it has. */
export const beside = (from: string, path: string): URL => new URL(path + extname(from), from)
