import { powerOf, SCALE_MAX, scaleOf, WHOLE_MAX } from './decimal-scale.ts'

/**
 * How numbers are written. Readings are mostly decimals, and whoever measured them has divided (21.37), or
 * multiplied a register by a factor (213 * 0.1 = 21.3, 3 * 0.1 = 0.30000000000000004), or has 32-bit floats.
 */
export const FORMS = {
  /** whole / 10^scale */
  quotient: 0,
  /** whole * 10^-scale, with the double nearest to 10^-scale */
  product: 1,
  /** the 32-bit float nearest to whole / 10^scale */
  floatQuotient: 2,
  /** any 32-bit floats */
  floats: 3,
  /** any doubles */
  doubles: 4,
} as const
export type DecimalForm = 0 | 1 | 2
type NumberForm = { form: DecimalForm; scale: number } | { form: 3 } | { form: 4 }

const inverses = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9] as const

/** What a whole number is multiplied by in a product. */
export function inverseOf(scale: number): number {
  return inverses[scale] ?? 1
}

/** With more digits, decimals hit as many floats by chance. */
const FLOAT_WHOLE_MAX = 2 ** 21

const SAMPLES = 64
/** Which share of the samples may be exceptions. */
const SAMPLE_SLACK = 1 / 16

/** The shortest form that suits nearly all of a sample: the others become exceptions. */
export function formOf(values: Float64Array, count: number): NumberForm {
  const size = Math.min(SAMPLES, count)
  let floats = true
  for (const form of [FORMS.quotient, FORMS.product, FORMS.floatQuotient] as const) {
    const scales = new Uint32Array(SCALE_MAX + 1)
    for (let s = 0; s < size; s++) {
      const value = values[Math.floor((s * count) / size)] as number
      if (Math.fround(value) !== value) floats = false
      const scale = formScale(value, form, 0)
      if (scale >= 0) scales[scale] = (scales[scale] as number) + 1
    }
    if (form === FORMS.floatQuotient && !floats) break
    let suited = 0
    for (let scale = 0; scale <= SCALE_MAX; scale++) {
      suited += scales[scale] as number
      if (suited >= size * (1 - SAMPLE_SLACK)) return { form, scale }
    }
  }
  return floats ? { form: FORMS.floats } : { form: FORMS.doubles }
}

/** The least scale from `scale` on at which `value` has this form; -1 where there is none. */
export function formScale(value: number, form: DecimalForm, scale: number): number {
  if (form === FORMS.quotient) return scaleOf(value, scale)
  for (let k = scale; k <= SCALE_MAX; k++) if (hasForm(value, form, k)) return k
  return -1
}

/** Whether `value`, to the last bit, but for the sign of 0, is what `wholeOf` it gives in this form. */
export function hasForm(value: number, form: DecimalForm, scale: number): boolean {
  const whole = wholeOf(value, scale)
  if (form === FORMS.floatQuotient) {
    return Math.abs(whole) <= FLOAT_WHOLE_MAX && Math.fround(whole / powerOf(scale)) === value
  }
  if (!(Math.abs(whole) <= WHOLE_MAX)) return false
  return (form === FORMS.quotient ? whole / powerOf(scale) : whole * inverseOf(scale)) === value
}

export function wholeOf(value: number, scale: number): number {
  return Math.round(value * powerOf(scale))
}
