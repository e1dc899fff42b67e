import type { ReadingValue } from '#contract/model/reading.ts'
import { field, fromField } from '#platform/csv/csv-field.ts'

export { field, fromField }

/** A value in a field: numbers so that they read back equal. */
export function valueField(value: ReadingValue, raw: boolean): string {
  if (typeof value === 'string') return field(value, raw)
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * The head of a wide column: key and unit, `temperature [°C]`. A key that ends like a unit gets empty brackets, so
 * that `fromHead` finds back what it was.
 */
export function wideHead(key: string, unit: string | null): string {
  if (unit !== null && unit !== '') return `${key} [${unit}]`
  return HEAD.test(key) ? `${key} []` : key
}

const HEAD = /^(.*\S) \[([^[\]]*)\]$/s

/** Key and unit of a wide column. */
export function fromHead(head: string): { key: string; unit: string | null } {
  const [, key, unit] = HEAD.exec(head) ?? []
  return key === undefined ? { key: head, unit: null } : { key, unit: unit || null }
}
