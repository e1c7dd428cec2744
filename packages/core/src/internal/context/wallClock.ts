/**
 * Milliseconds since the epoch, with fractions. It never goes back, and the workers of a program agree on it about as well as
 * its thread and processes took the time of the system when they started.
 *
 * @internal
 */
export const wallClock = (): number => performance.timeOrigin + performance.now()
