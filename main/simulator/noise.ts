/**
 * Values without a state: the same seed and time give the same value, so that live readings go on where an
 * earlier history ended, and a test can say what comes.
 */

/** A 32-bit number from a text: FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** [0, 1) from a seed and a whole number: two rounds of multiply and xor-shift are mixed enough for weather. */
export function unitNoise(seed: number, step: number): number {
  let mixed = Math.imul(seed ^ Math.imul(step | 0, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ Math.floor(step / 4_294_967_296), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4_294_967_296
}

/** [-1, 1], wandering from one `span` (ms) to the next without jumps. */
export function smoothNoise(seed: number, time: number, span: number): number {
  const position = time / span
  const step = Math.floor(position)
  const part = position - step
  const ease = part * part * (3 - 2 * part)
  const from = unitNoise(seed, step)
  const to = unitNoise(seed, step + 1)
  return (from + (to - from) * ease) * 2 - 1
}

/** A number of [low, high) that a gateway keeps: its size, its habits. */
export function trait(seed: number, name: string, low: number, high: number): number {
  return low + unitNoise(seed ^ hashText(name), 1) * (high - low)
}
