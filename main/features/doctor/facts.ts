import type { Fact } from '#contract/model/doctor.ts'

type Value = string | number | null | undefined

function known(kind: Fact['kind']) {
  return (name: string, value: Value): Fact[] =>
    value === null || value === undefined || value === '' ? [] : [{ name, kind, value }]
}

/** Each gives the fact, or none where nothing is known. */
export const text = known('text')
/** A name of a wire: a topic, a MAC, an address. */
export const code = known('code')
/** ms since 1970 */
export const time = known('time')
/** ms */
export const span = known('span')
export const number = known('number')
/** A word of the UI, by its key. */
export const word = known('word')

export function list(name: string, values: readonly string[]): Fact[] {
  return values.length === 0 ? [] : [{ name, kind: 'list', value: [...new Set(values)].join(', ') }]
}
