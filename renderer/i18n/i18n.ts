import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { type Language, preferredLanguage, rememberLanguage } from './languages.ts'

export const i18n = createInstance()

const loaders: Record<Language, () => Promise<{ files: Record<string, Record<string, unknown>> }>> = {
  en: () => import('./locale-en.ts'),
  'pt-BR': () => import('./locale-pt-br.ts'),
}
const loaded = new Set<Language>()

/** Loads the person's language, and English behind it, before the first paint. */
export async function startI18n(): Promise<void> {
  const language = preferredLanguage()
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'common',
    ns: ['common'],
    interpolation: { escapeValue: false },
    returnNull: false,
    resources: {},
  })
  await Promise.all([load('en'), load(language)])
  await i18n.changeLanguage(language)
  document.documentElement.lang = language
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language)
  rememberLanguage(language)
  document.documentElement.lang = language
  await i18n.changeLanguage(language)
}

async function load(language: Language): Promise<void> {
  if (loaded.has(language)) return
  loaded.add(language)
  const { files } = await loaders[language]()
  for (const [path, content] of Object.entries(files)) {
    const namespace = path.slice(path.lastIndexOf('/') + 1, -'.json'.length)
    i18n.addResourceBundle(language, namespace, content)
  }
}
