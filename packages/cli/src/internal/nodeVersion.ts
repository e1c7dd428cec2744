/**
 * What to say to somebody whose Node is too old, or nothing.
 *
 * @internal
 */
export const tooOld = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return undefined
  return `ropewalk needs Node 22.19 or newer, and this is Node ${version}. Get a newer one from https://nodejs.org.`
}
