import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import css from './bench.module.css'
import { CardFrame } from './card-frame.tsx'

/** A place that waits for its next board. */
export const FreeCard = memo(function FreeCard(props: {
  number: number
  startsByItself: boolean
  /** Code of the next new gateway. */
  next: string | null
}) {
  const { t } = useTranslation('bench')
  const { number, startsByItself, next } = props
  return (
    <CardFrame
      number={number}
      name={null}
      end={t('card.nothing')}
      tone="free"
      mark="waiting"
      word={t('idle.waiting')}
    >
      <p className={css.note}>
        {t('idle.plugNext')}{' '}
        {startsByItself ? (next === null ? t('idle.byItself') : t('idle.byItselfAs', { next })) : ''}
      </p>
    </CardFrame>
  )
})
