import type { CSSProperties, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { ShownReading } from '../live/use-reading.ts'
import css from './figure.module.css'
import { ToneMark } from './tone-mark.tsx'

/** A value as large as its box allows, with its unit, and below it what is not normal about it. */
export function Figure({
  reading,
  name,
  children,
}: {
  reading: ShownReading
  /** Left out where the tile's title says it. */
  name?: string | undefined
  children?: ReactNode
}) {
  const { t } = useTranslation('dashboards')
  const { meaning, staleFor, text, unit } = reading
  // A digit is about 0.6 of the type's height wide; the unit is set smaller.
  const chars = Math.max(3, text.length + unit.length * 0.5 + (unit === '' ? 0 : 0.5))
  return (
    <div className={css.figure} data-meaning={meaning ?? undefined}>
      {name !== undefined && <span className={`${css.name} ellipsis`}>{name}</span>}
      <div className={css.box} style={{ '--chars': chars } as CSSProperties}>
        <span
          className={staleFor === null ? `${css.value} live-value` : `${css.value} stale-value`}
          title={reading.hover}
        >
          {text}
          {unit !== '' && <small>{unit}</small>}
        </span>
      </div>
      {staleFor !== null && (
        <span className={`${css.note} t-yellow`}>
          <StateMark mark="stale" size={14} />
          {t('stale', { age: staleFor })}
        </span>
      )}
      {meaning !== null && (
        <span className={css.note} data-meaning={meaning}>
          <ToneMark meaning={meaning} />
          <span className="ellipsis">
            {t(`meaning.${meaning}`)}
            {reading.why !== null && `, ${reading.why}`}
          </span>
        </span>
      )}
      {children}
    </div>
  )
}
