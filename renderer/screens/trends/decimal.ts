/** A number as people of a language type it: `1.5`, `1,5`, `-3e2`. Null where the text is empty, undefined where it is none. */
export function parseDecimal(text: string, language: string): number | null | undefined {
  const trimmed = text.trim().replaceAll('−', '-')
  if (trimmed === '') return null
  const hasCommas = new Intl.NumberFormat(language).format(1.5).includes(',')
  const plain = hasCommas ? trimmed.replace(',', '.') : trimmed
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

/** The opposite, with all its digits. */
export function numberText(value: number | null, language: string): string {
  if (value === null) return ''
  return new Intl.NumberFormat(language).format(1.5).includes(',')
    ? String(value).replace('.', ',')
    : String(value)
}
