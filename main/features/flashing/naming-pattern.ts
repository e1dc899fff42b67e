/** What the places of a pattern are filled with. */
export interface PatternValues {
  n: number
  /** `aa:bb:cc:dd:ee:ff`; its last six digits are shown, in capitals. */
  mac: string | null
  label: string
}

/**
 * A name from a pattern of `contract/model/flash.ts`.
 * @example fillPattern('GW{n:03}', { n: 7, mac: null, label: '' }) // GW007
 */
export function fillPattern(pattern: string, { n, mac, label }: PatternValues): string {
  return pattern
    .replace(/\{n(?::0?(\d))?\}/g, (_, digits?: string) => String(n).padStart(Number(digits ?? 1), '0'))
    .replaceAll('{mac}', (mac?.replaceAll(':', '').slice(-6) ?? '000000').toUpperCase())
    .replaceAll('{label}', label)
}

/** Whether each number gives another name; where it does not, the MAC must. */
export function hasNumber(pattern: string): boolean {
  return /\{n(?::0?\d)?\}/.test(pattern)
}

/** The number after the highest that some of these names have by the pattern; 1 where none has. */
export function nextNumber(pattern: string, names: readonly string[]): number {
  const shape = pattern
    .split(/(\{n(?::0?\d)?\}|\{mac\}|\{label\})/)
    .map((part) => {
      if (part.startsWith('{n')) return '(\\d{1,9})'
      if (part === '{mac}') return '[0-9A-F]{6}'
      if (part === '{label}') return '.+'
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
  const found = new RegExp(`^${shape}$`, 'i')
  let highest = 0
  for (const name of names) {
    const number = Number(found.exec(name)?.[1] ?? Number.NaN)
    if (number > highest) highest = number
  }
  return highest + 1
}
