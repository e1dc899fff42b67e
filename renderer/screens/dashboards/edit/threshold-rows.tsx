import { ActionIcon, Button, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Threshold, thresholdMeanings } from '#contract/model/dashboard.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { NumberField } from './number-field.tsx'
import css from './panel.module.css'

const MOST = 8

interface Row extends Omit<Threshold, 'value'> {
  key: number
  /** Not typed yet: the row does not count. */
  value: number | undefined
}

/** Values beyond which a tile changes its colour, and what that means. */
export function ThresholdRows(props: {
  thresholds: readonly Threshold[]
  onChange(thresholds: Threshold[]): void
}) {
  const { t } = useTranslation('dashboards')
  const [rows, setRows] = useState<readonly Row[]>(() =>
    props.thresholds.map((threshold, key) => ({ ...threshold, key })),
  )
  const change = (next: readonly Row[]) => {
    setRows(next)
    props.onChange(
      next.flatMap(({ side, meaning, value }) => (value === undefined ? [] : [{ side, meaning, value }])),
    )
  }
  const set = (key: number, part: Partial<Row>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...part } : row)))
  return (
    <fieldset className={css.rows}>
      <legend>{t('threshold.title')}</legend>
      {rows.length === 0 && <p className="sub small">{t('threshold.none')}</p>}
      {rows.map((row) => (
        <div key={row.key} className={css.threshold}>
          <Select
            aria-label={t('threshold.side')}
            value={row.side}
            data={(['above', 'below'] as const).map((side) => ({
              value: side,
              label: t(`threshold.${side}`),
            }))}
            onChange={(side) => set(row.key, { side: side as Threshold['side'] })}
          />
          <NumberField
            hideLabel
            label={t('threshold.value')}
            value={row.value}
            onChange={(value) => set(row.key, { value })}
          />
          <Select
            aria-label={t('threshold.meaning')}
            value={row.meaning}
            data={thresholdMeanings.map((meaning) => ({ value: meaning, label: t(`meaning.${meaning}`) }))}
            onChange={(meaning) => set(row.key, { meaning: meaning as Threshold['meaning'] })}
          />
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label={t('threshold.remove')}
            onClick={() => change(rows.filter((other) => other.key !== row.key))}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </div>
      ))}
      {rows.length < MOST && (
        <Button
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => {
            const key = Math.max(-1, ...rows.map((row) => row.key)) + 1
            setRows([...rows, { key, side: 'above', value: undefined, meaning: 'warning' }])
          }}
        >
          {t('threshold.add')}
        </Button>
      )}
    </fieldset>
  )
}
