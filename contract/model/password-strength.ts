import { keyboardRows, knownPhrases, knownWords } from './known-words.ts'

/** Characters, not bytes (NIST SP 800-63B 5.1.1.2; domain.md). */
export const MINIMUM_LENGTH = 12
/** Longer ones are judged by their beginning. */
const JUDGED = 96

/** 0 very weak, 1 weak, 2 fair, 3 good, 4 strong. Less than 2 is refused. */
export type PasswordScore = 0 | 1 | 2 | 3 | 4

/** What makes it easy, the worst first; null where nothing does. */
export type PasswordWeakness = 'own' | 'known' | 'pattern' | null

export interface PasswordStrength {
  score: PasswordScore
  /** How many guesses find it, as a power of ten. */
  guesses: number
  weakness: PasswordWeakness
}

/** From so many guesses (powers of ten) on it has the score of its place. */
const scores = [0, 5, 8, 10, 12]

/**
 * Estimates how many guesses find a password, from the cheapest way to put it together out of known words, words of the
 * person and the site, runs, keyboard rows, repeats, years, and single characters. The same in the browser and at the
 * site.
 *
 * @param own words that an attacker tries first: e-mail address, name, user name, name of the site
 */
export function passwordStrength(password: string, own: readonly string[] = []): PasswordStrength {
  const chars = [...password.normalize('NFKC')].slice(0, JUDGED)
  const { guesses, weakness } = cheapest(chars, ownWords(own))
  const score = scores.findLastIndex((least) => guesses >= least) as PasswordScore
  return { score, guesses, weakness: score < 3 ? weakness : null }
}

/** What a site asks of passwords beyond what is always asked. */
export interface PasswordRules {
  /** Lower and upper case letters, digits and other signs, one of each at least (003). */
  classes: boolean
}

/** Why a password is refused, as a code of the registry; null where it is taken. */
export type PasswordFault =
  | 'password_too_short'
  | 'password_too_common'
  | 'password_too_weak'
  | 'password_classes_missing'

/**
 * Length, and whether it is known or easy to guess; no forced expiry, and character classes only where the site asks for
 * them (NIST SP 800-63B 5.1.1.2).
 *
 * @param own as for `passwordStrength`
 */
export function passwordFault(
  password: string,
  own: readonly string[],
  { classes }: PasswordRules,
): PasswordFault | null {
  const normal = password.normalize('NFKC')
  if ([...normal].length < MINIMUM_LENGTH) return 'password_too_short'
  const core = [...normal].map(plainOf).join('').replace(/\P{L}/gu, '')
  if (knownPhrases.has(core) || ownWords(own).has(core)) return 'password_too_common'
  const { score, weakness } = passwordStrength(normal, own)
  if (score < 2)
    return weakness === 'pattern' || weakness === null ? 'password_too_weak' : 'password_too_common'
  if (classes && !characterClasses.every((one) => one.test(normal))) return 'password_classes_missing'
  return null
}

const characterClasses = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u]

interface Part {
  length: number
  cost: number
  weakness: PasswordWeakness
}

/** A character that belongs to nothing: one of about ten that are likely (as attackers try them), in powers of ten. */
const SINGLE = 1

/** The cheapest way to the end of the text, part by part. */
function cheapest(chars: readonly string[], own: ReadonlySet<string>): Omit<PasswordStrength, 'score'> {
  const lower = chars.map(plainOf)
  // Both spellings: "1234" is a run, "p4ss" a word.
  const spellings = [lower, lower.map((char) => letters[char] ?? char)]
  const unknown = { guesses: Number.POSITIVE_INFINITY, weakness: null as PasswordWeakness }
  const ways = chars.map(() => unknown)
  ways.unshift({ guesses: 0, weakness: null })
  for (const start of chars.keys()) {
    const from = ways[start] ?? unknown
    const single = { length: 1, cost: SINGLE, weakness: null }
    const words = spellings.flatMap((spelling) => wordsAt(chars, spelling, start, own))
    const patterns = [...rowsAt(lower, start), ...repeatsAt(chars, start), ...yearsAt(chars, start)]
    for (const { length, cost, weakness } of [single, ...words, ...patterns]) {
      const guesses = from.guesses + cost
      if (guesses < (ways[start + length]?.guesses ?? 0))
        ways[start + length] = { guesses, weakness: worse(from.weakness, weakness) }
    }
  }
  return ways.at(-1) ?? unknown
}

function worse(one: PasswordWeakness, other: PasswordWeakness): PasswordWeakness {
  const order: PasswordWeakness[] = ['own', 'known', 'pattern', null]
  return order.indexOf(one) <= order.indexOf(other) ? one : other
}

const LONGEST_WORD = 24

function wordsAt(
  chars: readonly string[],
  spelling: readonly string[],
  start: number,
  own: ReadonlySet<string>,
): Part[] {
  const parts: Part[] = []
  const longest = Math.min(LONGEST_WORD, chars.length - start)
  for (let length = 3; length <= longest; length++) {
    const spelled = spelling.slice(start, start + length).join('')
    const word = asWord(spelled, own)
    if (word === null) continue
    const written = chars.slice(start, start + length).join('')
    parts.push({ length, cost: word.cost + disguise(written, spelled), weakness: word.weakness })
  }
  return parts
}

/** A word forwards or backwards. */
function asWord(
  spelled: string,
  own: ReadonlySet<string>,
): { cost: number; weakness: PasswordWeakness } | null {
  const backwards = [...spelled].toReversed().join('')
  if (own.has(spelled)) return { cost: 0.7, weakness: 'own' }
  if (own.has(backwards)) return { cost: 1, weakness: 'own' }
  const place = knownWords.get(spelled) ?? knownWords.get(backwards)
  // Short words are among any letters: a cost that a random password would not gain by.
  return place === undefined ? null : { cost: Math.max(1.5, Math.log10(place + 10)), weakness: 'known' }
}

/** What capitals and signs for letters add: attackers try the usual ones first. */
function disguise(written: string, spelled: string): number {
  const small = [...written].map(plainOf).join('')
  const signs = small === spelled ? 0 : 0.5
  if (written === written.toLowerCase()) return signs
  const isUsual = written === written.toUpperCase() || /^\p{Lu}\P{Lu}*$/u.test(written)
  return signs + (isUsual ? 0.3 : 1)
}

/** At least four along a keyboard row or the alphabet, either way. */
function rowsAt(lower: readonly string[], start: number): Part[] {
  const parts: Part[] = []
  for (const row of rows) {
    let at = row.indexOf(lower[start] ?? '')
    if (at === -1) continue
    let length = 1
    while (start + length < lower.length && row[at + 1] === lower[start + length]) {
      at++
      length++
      if (length >= 4) parts.push({ length, cost: 1.3 + Math.log10(length), weakness: 'pattern' })
    }
  }
  return parts
}

const rows: readonly string[] = [
  ...keyboardRows,
  ...keyboardRows.map((row) => [...row].toReversed().join('')),
]

/** A piece of up to half the rest, two or more times in a row: as dear as the piece, and a count. */
function repeatsAt(chars: readonly string[], start: number): Part[] {
  const parts: Part[] = []
  for (let size = 1; size <= Math.min(12, (chars.length - start) / 2); size++) {
    const piece = chars.slice(start, start + size)
    let count = 1
    while (piece.every((char, at) => chars[start + count * size + at] === char)) {
      count++
      if (size * count < 3) continue
      const cost = (size === 1 ? 1 : size * 0.9) + Math.log10(count)
      parts.push({ length: size * count, cost, weakness: 'pattern' })
    }
  }
  return parts
}

/** 1940 to 2049. */
function yearsAt(chars: readonly string[], start: number): Part[] {
  const isYear = /^(19[4-9]|20[0-4])\d$/.test(chars.slice(start, start + 4).join(''))
  return isYear ? [{ length: 4, cost: 1.7, weakness: 'pattern' }] : []
}

/** Signs that stand for letters. */
const letters: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
}

/** Lower case without accents. */
function plainOf(char: string): string {
  return char.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The words in the names and addresses given, and each run together: of "Aurora Dairy" three. */
function ownWords(given: readonly string[]): ReadonlySet<string> {
  const words = given.flatMap((text) => {
    const plain = [...text.normalize('NFKC')].map(plainOf).join('')
    const pieces = plain.split(/[^\p{L}\p{N}]+/u)
    return [...pieces, pieces.join(''), plain.split('@')[0] ?? '']
  })
  return new Set(words.filter((word) => word.length >= 3))
}
