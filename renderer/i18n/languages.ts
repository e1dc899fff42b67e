/** Languages of the UI, as BCP 47 tags; each has a folder in `resources/locales`. */
export const languages = ['en', 'pt-BR'] as const
export type Language = (typeof languages)[number]

export const languageNames: Record<Language, string> = { en: 'English', 'pt-BR': 'Português (Brasil)' }

const STORED = 'millwright.language'

/** The language chosen before, or the first of the browser's that is here, or English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORED)
  return matchLanguage([...(stored === null ? [] : [stored]), ...navigator.languages])
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(STORED, language)
}

/** `pt-PT` and `pt` read the Portuguese that is here. */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const exact = languages.find((language) => language.toLowerCase() === tag.toLowerCase())
    if (exact !== undefined) return exact
    const base = tag.split('-')[0]?.toLowerCase()
    const near = languages.find((language) => language.split('-')[0] === base)
    if (near !== undefined) return near
  }
  return 'en'
}
