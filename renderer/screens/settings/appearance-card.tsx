import { SegmentedControl, Select, useMantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { changeLanguage } from '#renderer/i18n/i18n.ts'
import { languageNames, languages } from '#renderer/i18n/languages.ts'
import { Card } from '#renderer/ui/layout.tsx'
import css from './settings.module.css'

const schemes = ['auto', 'light', 'dark'] as const

/** Theme and language: of this person on this machine, at once. */
export function AppearanceCard() {
  const { t, i18n } = useTranslation(['settings', 'common'])
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Card title={t('appearance.title')}>
      <div className={css.form}>
        <div>
          <span className={css.label} id="settings-theme">
            {t('appearance.theme')}
          </span>
          <SegmentedControl
            aria-labelledby="settings-theme"
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme)}
            data={schemes.map((scheme) => ({ value: scheme, label: t(`common:theme.${scheme}`) }))}
          />
        </div>
        <Select
          label={t('appearance.language')}
          value={i18n.language}
          onChange={(value) => {
            const language = languages.find((one) => one === value)
            if (language !== undefined) void changeLanguage(language)
          }}
          data={languages.map((language) => ({ value: language, label: languageNames[language] }))}
        />
      </div>
    </Card>
  )
}
