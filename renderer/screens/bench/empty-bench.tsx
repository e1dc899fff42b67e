import { useTranslation } from 'react-i18next'
import { Card } from '#renderer/ui/layout.tsx'
import css from './bench.module.css'

/** Nothing is plugged in: what to look at, in the order of what it is most often. */
export function EmptyBench() {
  const { t } = useTranslation('bench')
  return (
    <Card className={css.emptyBench ?? ''}>
      <h2>{t('empty.title')}</h2>
      <p className="sec">{t('empty.text')}</p>
      <ol>
        {(['cable', 'driver', 'power', 'rights'] as const).map((hint) => (
          <li key={hint}>
            <b>{t(`empty.${hint}.title`)}</b>
            <span className="sec">{t(`empty.${hint}.text`)}</span>
          </li>
        ))}
      </ol>
      <p className="sub small">{t('empty.where')}</p>
    </Card>
  )
}
