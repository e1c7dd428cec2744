/**
 * Node's timers count in 32 bits, and take what is longer for 1 ms.
 *
 * @internal
 */

/** Milliseconds: more than 24 days. */
export const longestTimer = 2 ** 31 - 1
