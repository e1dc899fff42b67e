import { useTranslation } from 'react-i18next'
import type { Buckets } from '#contract/api/telemetry.ts'
import { rowsOf } from '#renderer/charts/bucket-rows.ts'
import { Sparkline } from '#renderer/charts/sparkline.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import css from './calculation.module.css'

/** The shape of the last hours, and its figures. */
export function CalculationPreview(props: {
  buckets: Buckets | undefined
  from: number
  to: number
  unit: string
}) {
  const { t } = useTranslation('calculations')
  const format = useFormat()
  const values = props.buckets?.avg ?? []
  const unit = props.unit === '' ? '' : ` ${props.unit}`
  const last = values.at(-1)
  if (props.buckets === undefined || last === undefined)
    return (
      <p className={`${css.preview} sec`}>
        {t(props.buckets === undefined ? 'preview.none' : 'preview.empty')}
      </p>
    )
  const figures = [
    [t('preview.last'), last],
    [t('preview.min'), values.reduce((a, b) => Math.min(a, b))],
    [t('preview.max'), values.reduce((a, b) => Math.max(a, b))],
  ] as const
  return (
    <div className={css.preview}>
      <Sparkline rows={rowsOf(props.buckets)} window={{ from: props.from, to: props.to }} />
      <dl className={css.figures}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt className="sub">{name}</dt>
            <dd>
              {format.number(value)}
              {unit}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
