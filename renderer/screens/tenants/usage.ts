/** From here on somebody should think of more, as a share of what is allowed. */
const NEAR = 0.9

/** Whether a quota is nearly used up. */
export function isNear(used: number, of: number): boolean {
  return used >= of * NEAR
}

/** Percent of a quota, for a bar: never past its end. */
export function percentOf(used: number, of: number): number {
  return of === 0 ? 100 : Math.min(100, (used / of) * 100)
}
