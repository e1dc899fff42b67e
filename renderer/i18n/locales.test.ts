import { describe, expect, it } from 'vitest'
import { errorCodes } from '#contract/errors.ts'
import { refusalReasons } from '#contract/model/refusal.ts'
import { languages, matchLanguage } from './languages.ts'
import { usedKeys } from './used-keys.ts'

const files = import.meta.glob<Record<string, unknown>>('#resources/locales/*/*.json', {
  eager: true,
  import: 'default',
})
const sources = import.meta.glob<string>(
  ['../**/*.ts', '../**/*.tsx', '!../**/*.test.*', '!./used-keys.ts'],
  {
    eager: true,
    query: '?raw',
    import: 'default',
  },
)

/** Texts by language, then by `namespace:key`. */
const texts = new Map<string, Map<string, string>>()
for (const [path, content] of Object.entries(files)) {
  const [language, file] = path.split('/').slice(-2) as [string, string]
  const all = texts.get(language) ?? new Map<string, string>()
  texts.set(language, all)
  collect(content, `${file.replace('.json', '')}:`, all)
}

function collect(content: Record<string, unknown>, prefix: string, into: Map<string, string>): void {
  for (const [name, value] of Object.entries(content)) {
    if (typeof value === 'string') into.set(prefix + name, value)
    else collect(value as Record<string, unknown>, `${prefix}${name}.`, into)
  }
}

/** Languages differ in their plural forms: `filter.all_one` and `filter.all_other` are one key. */
const withoutPlural = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '')
const keysOf = (language: string) =>
  new Set([...(texts.get(language) ?? new Map()).keys()].map(withoutPlural))
const english = keysOf('en')

/** What `namespace:key*` may be; a pattern is made once, for thousands of keys are held against it. */
const patterns = new Map<string, RegExp>()
function patternOf(asked: string): RegExp {
  const escaped = asked.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = patterns.get(asked) ?? new RegExp(`^${escaped.join('.+')}$`)
  patterns.set(asked, pattern)
  return pattern
}
const isThere = (asked: string) =>
  asked.includes('*') ? [...english].some((key) => patternOf(asked).test(key)) : english.has(asked)

/** Every `namespace:key` that a source asks for, with where. */
const asked = Object.entries(sources).flatMap(([path, source]) => {
  const { namespaces, keys } = usedKeys(source)
  const own = namespaces.length === 0 ? ['common'] : namespaces
  return keys
    .filter((key) => key !== '')
    .map((key) => ({ path, wanted: key.includes(':') ? [key] : own.map((name) => `${name}:${key}`) }))
})

describe('the texts of the UI', () => {
  it.each(languages.filter((language) => language !== 'en'))(
    '%s has exactly the keys of English',
    (language) => {
      const other = keysOf(language)
      expect({
        missing: [...english].filter((key) => !other.has(key)),
        extra: [...other].filter((key) => !english.has(key)),
      }).toEqual({ missing: [], extra: [] })
    },
  )

  it.each(languages)('%s fills the same places as English and leaves none empty', (language) => {
    const places = (text: string) =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)]
        .map((match) => match[1] ?? '')
        .toSorted((a, b) => a.localeCompare(b))
    const wrong: string[] = []
    for (const [key, text] of texts.get(language) ?? []) {
      const original = texts.get('en')?.get(key) ?? texts.get('en')?.get(`${withoutPlural(key)}_other`) ?? ''
      if (text.trim() === '' || String(places(text)) !== String(places(original))) wrong.push(key)
    }
    expect(wrong).toEqual([])
  })

  it.each(languages)('%s has every plural form that it counts with', (language) => {
    const all = texts.get(language) ?? new Map<string, string>()
    const counted = new Set([...all.keys()].filter((key) => key !== withoutPlural(key)).map(withoutPlural))
    const incomplete = [...counted].filter((key) => !all.has(`${key}_one`) || !all.has(`${key}_other`))
    expect(incomplete).toEqual([])
  })

  it('are there for every key that the code asks for', () => {
    const absent = asked.filter(({ wanted }) => !wanted.some(isThere))
    expect(absent.map(({ path, wanted }) => `${path}: ${wanted.join(' or ')}`)).toEqual([])
  })

  it('are all used', () => {
    const wanted = new Set(asked.flatMap((one) => one.wanted))
    const open = [...wanted].filter((one) => one.includes('*')).map(patternOf)
    const unused = [...english].filter(
      (key) => !wanted.has(key) && !open.some((pattern) => pattern.test(key)),
    )
    expect(unused).toEqual([])
  })

  it('word every error code and every reason of a refusal', () => {
    const wanted = [
      ...Object.keys(errorCodes).flatMap((code) => [`errors:${code}.what`, `errors:${code}.todo`]),
      ...refusalReasons.map((reason) => `refusals:reason.${reason}`),
    ]
    expect(wanted.filter((key) => !english.has(key))).toEqual([])
  })
})

describe('matchLanguage', () => {
  it('takes the first that is here, near ones included, or English', () => {
    expect(matchLanguage(['de', 'pt-PT', 'en'])).toBe('pt-BR')
    expect(matchLanguage(['EN-us'])).toBe('en')
    expect(matchLanguage(['ru', 'es'])).toBe('en')
  })
})
