/**
 * Key affinity: calls with an equal key go to the same worker, whose caches are warm for it, or which must see them in
 * their order.
 *
 * Rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998): each lane has a
 * weight for the key, and the heaviest wins. So nothing is kept, however many keys there are; a lane that leaves gives up
 * its own keys and no others; one that comes takes its share, and nothing moves among the others. It looks at each lane, of
 * which a pool has about as many as cores: measured 50 ns among 8, 0.5 µs among 64.
 *
 * FNV-1a makes a number of the key, the finalizer of MurmurHash3 (Appleby) a weight of that number and the lane.
 *
 * @internal
 */

/**
 * The lane of a key among those that are there (one, at the least; in any order). A number is the same key as its text.
 */
export const laneOf = (key: string | number, lanes: ReadonlyArray<number>): number => {
  const hash = hashOf(typeof key === "number" ? String(key) : key)
  let best = lanes[0]!
  let bestWeight = -1
  for (const lane of lanes) {
    const weight = mixed(hash ^ mixed(lane + 1)) >>> 0
    // No two lanes weigh the same: mixing maps different words to different words. So their order does not matter.
    if (weight > bestWeight) {
      best = lane
      bestWeight = weight
    }
  }
  return best
}

const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}

const mixed = (word: number): number => {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
