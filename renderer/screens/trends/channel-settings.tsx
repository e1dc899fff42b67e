import { ActionIcon, Button, Group, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type TrendAxis, type TrendChannelSetting, trendAxes } from '#contract/model/trend.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { numberText, parseDecimal } from './decimal.ts'
import type { TrendChannel } from './use-trend-channels.ts'

/** The scale of one channel: which one it is drawn on, and where that begins and ends. */
export function ChannelSettings(props: {
  channel: TrendChannel
  setting: TrendChannelSetting | undefined
  onChange(setting: TrendChannelSetting): void
}) {
  const { t } = useTranslation('trends')
  const [opened, setOpened] = useState(false)
  const { channel, setting } = props
  const isUsual =
    setting === undefined || (setting.axis === 'auto' && setting.min === null && setting.max === null)
  return (
    <Popover opened={opened} onChange={setOpened} position="left" trapFocus withinPortal shadow="none">
      <Popover.Target>
        <ActionIcon
          size="xs"
          variant={isUsual ? 'subtle' : 'light'}
          color={isUsual ? 'gray' : 'accent'}
          aria-label={t('scale.open', { channel: channel.name })}
          onClick={() => setOpened((was) => !was)}
        >
          <Icon name="settings" size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('scale.open', { channel: channel.name })}>
        <SettingsForm {...props} onClose={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

function SettingsForm(props: {
  channel: TrendChannel
  setting: TrendChannelSetting | undefined
  onChange(setting: TrendChannelSetting): void
  onClose(): void
}) {
  const { t, i18n } = useTranslation(['trends', 'common'])
  const { channel, setting } = props
  const [axis, setAxis] = useState<TrendAxis>(setting?.axis ?? 'auto')
  const [min, setMin] = useState(numberText(setting?.min ?? null, i18n.language))
  const [max, setMax] = useState(numberText(setting?.max ?? null, i18n.language))
  const ends = { min: parseDecimal(min, i18n.language), max: parseDecimal(max, i18n.language) }
  const isReversed = typeof ends.min === 'number' && typeof ends.max === 'number' && ends.min >= ends.max
  const problemOf = (end: number | null | undefined) => (end === undefined ? t('scale.noNumber') : null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ends.min === undefined || ends.max === undefined || isReversed) return
    props.onChange({ id: channel.id, axis, min: ends.min, max: ends.max })
    props.onClose()
  }
  return (
    <form onSubmit={submit} noValidate style={{ width: 300 }}>
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('scale.axis')}
          data-autofocus
          value={axis}
          onChange={(value) => setAxis(value)}
          data={trendAxes.map((value) => ({ value, label: t(`scale.${value}`) }))}
        />
        <p className="sub small">{t(`scale.hint.${axis}`)}</p>
        <Group grow align="flex-start">
          <TextInput
            label={t('scale.min')}
            placeholder={t('scale.follows')}
            inputMode="decimal"
            value={min}
            error={problemOf(ends.min)}
            onChange={(event) => setMin(event.currentTarget.value)}
          />
          <TextInput
            label={t('scale.max')}
            placeholder={t('scale.follows')}
            inputMode="decimal"
            value={max}
            error={problemOf(ends.max) ?? (isReversed ? t('scale.reversed') : null)}
            onChange={(event) => setMax(event.currentTarget.value)}
          />
        </Group>
        <Group justify="space-between">
          <Button
            onClick={() => {
              props.onChange({ id: channel.id, axis: 'auto', min: null, max: null })
              props.onClose()
            }}
          >
            {t('scale.reset')}
          </Button>
          <Button type="submit" variant="filled">
            {t('scale.apply')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
