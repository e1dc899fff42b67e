import { hkdfSync, randomInt } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'

/** Crockford's base 32: no I, L, O, U, so that a code read aloud or off paper survives. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const groups = 7
const charactersPerGroup = 4
/** Odd, hence invertible modulo 32: one wrong character is always noticed. */
const weights = [1, 3, 5, 7]
/** Makes the check depend on the place of the group: two swapped groups are always noticed. */
const placeWeight = 11

/**
 * A recovery code for paper: seven groups of four characters (140 random bits), each followed by a check
 * character, so that a slip of the pen is found and its group named.
 *
 * @example "4F9QK-0JX2M-…"
 */
export function makeRecoveryCode(): string {
  return Array.from({ length: groups }, (_, place) => {
    const values = Array.from({ length: charactersPerGroup }, () => randomInt(32))
    return [...values, checkValue(values, place)].map((value) => alphabet[value]).join('')
  }).join('-')
}

/**
 * The 32-byte wrapping key of a typed code. Case, spaces, dashes and the look-alikes O, I, L do not matter. The
 * code has 140 bits of its own, so it needs no slow derivation, only an even one.
 *
 * @throws ExpectedError `recovery_code_wrong` (its length), `recovery_code_mistyped`, naming the first wrong group
 */
export function recoveryWrappingKey(code: string, salt: Uint8Array): Buffer {
  const typed = code.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  const size = charactersPerGroup + 1
  if (typed.length !== groups * size) throw new ExpectedError('recovery_code_wrong')
  const values = Array.from(typed, (character) => alphabet.indexOf(character))
  const secret = Buffer.alloc(groups * charactersPerGroup)
  for (let place = 0; place < groups; place++) {
    const group = values.slice(place * size, place * size + charactersPerGroup)
    const check = values[place * size + charactersPerGroup]
    if (group.includes(-1) || check !== checkValue(group, place)) {
      throw new ExpectedError('recovery_code_mistyped', { group: place + 1 })
    }
    secret.set(group, place * charactersPerGroup)
  }
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'millwright/recovery-code', 32))
  secret.fill(0)
  return key
}

function checkValue(values: number[], place: number): number {
  return values.reduce((sum, value, index) => sum + value * (weights[index] ?? 1), place * placeWeight) % 32
}
