/**
 * The entry files of workers are named at run time, where no compiler rewrites `.ts` to `.js`.
 *
 * @internal
 */

/** The file beside `from`, with the extension that `from` itself has: sources start sources, built files built ones. */
export const sibling = (from: string, path: string): URL => new URL(path + (from.endsWith(".ts") ? ".ts" : ".js"), from)
