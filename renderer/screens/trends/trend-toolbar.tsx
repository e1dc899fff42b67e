import { Button, Switch, Tooltip } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { TimeRangeControl } from '#renderer/charts/time-range-control.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { CompareSelect } from './compare-select.tsx'
import { useRange, useRangeAccess } from './range-scope.tsx'
import type { TrendSettings } from './trend-address.ts'
import css from './trends.module.css'

/** Which time is shown, what it is compared with, and what is drawn beside the lines. */
export const TrendToolbar = memo(function TrendToolbar(props: {
  settings: TrendSettings
  mayWrite: boolean
  isMarking: boolean
  onChange(settings: TrendSettings): void
  onMarking(isMarking: boolean): void
}) {
  const { t } = useTranslation('trends')
  const { settings, isMarking, onChange } = props
  return (
    <div className={css.toolbar}>
      <Range />
      <CompareSelect offset={settings.compare} onChange={(compare) => onChange({ ...settings, compare })} />
      <Switch
        size="xs"
        label={t('bands.label')}
        checked={settings.bands}
        onChange={(event) => onChange({ ...settings, bands: event.currentTarget.checked })}
      />
      <Switch
        size="xs"
        label={t('annotation.label')}
        checked={settings.annotations}
        onChange={(event) => onChange({ ...settings, annotations: event.currentTarget.checked })}
      />
      {props.mayWrite && settings.annotations && (
        <Tooltip label={t('annotation.markHint')}>
          <Button
            size="xs"
            aria-pressed={isMarking}
            className={css.mark ?? ''}
            leftSection={<Icon name="edit" size={14} />}
            onClick={() => props.onMarking(!isMarking)}
          >
            {t('annotation.mark')}
          </Button>
        </Tooltip>
      )}
      {isMarking && (
        <span className="sub small" role="status">
          {t('annotation.marking')}
        </span>
      )}
    </div>
  )
})

function Range() {
  return <TimeRangeControl range={useRange()} onChange={useRangeAccess().set} />
}
