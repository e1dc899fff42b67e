/** Numbers that were written with few decimals are whole numbers over a power of ten: 10^0 to 10^9. */
export const SCALE_MAX = 9
const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const
/**
 * Whole numbers, and what is added up from them, stay within this. Well below 2^53, so that differences of them are
 * exact, and that a product with a power of ten rounds to the whole number it is nearest to.
 */
export const WHOLE_MAX = 2 ** 50

/** 10^scale. */
export function powerOf(scale: number): number {
  return powersOfTen[scale] ?? 1
}

/**
 * The least scale from `scale` on at which `value` is a whole number over 10^scale, to the last bit (-0 counts as
 * 0); -1 where there is none. The quotient of two exact whole numbers is the double nearest to it (IEEE 754 5.4.1), just as the
 * double that a decimal of up to 15 digits was read as: so decimals come back as they were.
 */
export function scaleOf(value: number, scale = 0): number {
  for (let k = scale; k <= SCALE_MAX; k++) {
    const power = powerOf(k)
    const whole = Math.round(value * power)
    if (whole > WHOLE_MAX || whole < -WHOLE_MAX) return -1
    if (whole / power === value) return k
  }
  return -1
}
