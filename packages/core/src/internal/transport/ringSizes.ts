/**
 * How large the rings are through which messages go, in the memory of threads and in the file of processes.
 *
 * @internal
 */

/** Bytes of each ring. */
export const ringCapacity = 128 * 1024

/** The longest message that goes through a ring; longer ones go another way. */
export const maxRingMessage = 8 * 1024

/** For an entry that says that messages come another way. */
export const elsewhereBytes = 16
