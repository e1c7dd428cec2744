/**
 * The entry files of workers are named at run time, where no compiler rewrites their extension.
 *
 * @internal
 */

/**
 * The entry of a worker, at this path from `from`. Sources start sources. When it is built, an entry is one file with all that
 * it loads at once (`scripts/build.ts`).
 */
export const workerEntry = (from: string, path: string): URL =>
  new URL(path + (from.endsWith(".ts") ? ".ts" : ".cjs"), from)
