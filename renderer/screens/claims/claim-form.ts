import type { Knock } from '#contract/api/claims.ts'
import type { BindCode } from '#contract/model/box-names.ts'

/** Which box is meant, by what a person has of it. */
export type Box =
  | { kind: 'knock'; knock: Knock }
  | { kind: 'token'; token: string }
  | { kind: 'label'; label: string }
  | { kind: 'bind'; bind: BindCode }

/** What claimed boxes become. */
export interface Becomes {
  /** Id; null while none is chosen. */
  tenant: string | null
  group: string | null
  profile: string | null
  dialect: string | null
}

export interface ClaimForm extends Becomes {
  code: string
  name: string
}

export type ClaimProblem = 'tenant' | 'group' | 'code' | 'name'

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/
/** The contract's: exactly one place for the number. */
const PATTERN = /^[A-Za-z0-9._-]*\{n(:0?[1-9])?\}[A-Za-z0-9._-]*$/

/** @param groupNeeded whose rights end at some groups claims into one of these */
export function problemsOf(form: ClaimForm, groupNeeded: boolean): ClaimProblem[] {
  const code = form.code.trim()
  return [
    ...becomesProblems(form, groupNeeded),
    ...(code !== '' && !CODE.test(code) ? ['code' as const] : []),
    ...(form.name.trim().length > 100 ? ['name' as const] : []),
  ]
}

export function becomesProblems({ tenant, group }: Becomes, groupNeeded: boolean): ('tenant' | 'group')[] {
  return [
    ...(tenant === null ? ['tenant' as const] : []),
    ...(groupNeeded && group === null ? ['group' as const] : []),
  ]
}

export function isPattern(text: string): boolean {
  return text.length <= 40 && PATTERN.test(text)
}

/** As the site takes it; what is left empty is left out. */
export function becomesOf({ tenant, group, profile, dialect }: Becomes) {
  return {
    ...(tenant !== null && { tenant }),
    ...(group !== null && { group }),
    ...(profile !== null && { profile }),
    ...(dialect !== null && { dialect }),
  }
}

export function fieldsOf({ code, name, ...becomes }: ClaimForm) {
  return {
    ...becomesOf(becomes),
    ...(code.trim() !== '' && { code: code.trim() }),
    ...(name.trim() !== '' && { name: name.trim() }),
  }
}

/** The codes that a pattern gives first, as the site counts them: on from the highest number that is there. */
export function firstCodes(pattern: string, taken: readonly string[], count: number): string[] {
  const [, head = '', digits = '1', tail = ''] = /^(.*)\{n(?::0?([1-9]))?\}(.*)$/.exec(pattern) ?? []
  const numbers = taken.flatMap((code) => {
    const middle = code.slice(head.length, code.length - tail.length)
    const fits = code.length > head.length + tail.length && code.startsWith(head) && code.endsWith(tail)
    return fits && /^\d{1,9}$/.test(middle) ? [Number(middle)] : []
  })
  const highest = numbers.reduce((most, number) => Math.max(most, number), 0)
  return Array.from(
    { length: count },
    (_, index) => head + String(highest + 1 + index).padStart(Number(digits), '0') + tail,
  )
}
