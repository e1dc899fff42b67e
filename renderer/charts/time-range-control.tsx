import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { siteNow } from '#renderer/api/site-clock.ts'
import { type Format, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { parseLocal, toLocal } from './local-time.ts'
import {
  MAX_SPAN,
  MIN_SPAN,
  presetOf,
  presets,
  stepped,
  type TimeRange,
  toggledLive,
  windowOf,
} from './time-range.ts'
import css from './time-range-control.module.css'

export interface TimeRangeControlProps {
  range: TimeRange
  onChange(range: TimeRange): void
}

const SECONDS_BELOW = 10 * 60_000
const DAY = 86_400_000

/** A year of days is said in days: in months it would be eleven and some. */
function spanWords(span: number, format: Format): string {
  return span % DAY === 0 ? `${format.integer(span / DAY)} d` : format.span(span)
}

/** Presets, an own range, live or fixed, back and forth: the same on every screen. */
export function TimeRangeControl({ range, onChange }: TimeRangeControlProps) {
  const { t } = useTranslation('charts')
  const format = useFormat()
  const preset = presetOf(range)
  const shown = windowOf(range, 0)
  const sameDay = format.date(shown.from) === format.date(shown.to)
  // Where a minute is much of what is shown, seconds tell.
  const time = shown.to - shown.from < SECONDS_BELOW ? format.clock : format.time
  const own = sameDay
    ? `${format.date(shown.from)}, ${time(shown.from)} – ${time(shown.to)}`
    : `${format.date(shown.from)}, ${time(shown.from)} – ${format.date(shown.to)}, ${time(shown.to)}`
  return (
    <div className={css.control} role="group" aria-label={t('range.label')}>
      <div className={css.seg}>
        {presets.map(({ id, span }) => (
          <button
            key={id}
            type="button"
            aria-pressed={preset === id}
            onClick={() => onChange({ live: true, span })}
          >
            {t(`range.preset.${id}`)}
          </button>
        ))}
        <OwnRange range={range} active={preset === null} onChange={onChange} />
      </div>
      <div className={css.steps}>
        <Tooltip label={t('range.back')}>
          <ActionIcon
            size="xs"
            aria-label={t('range.back')}
            onClick={() => onChange(stepped(range, siteNow(), -1))}
          >
            <Icon name="chevron-left" size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('range.forth')}>
          <ActionIcon
            size="xs"
            aria-label={t('range.forth')}
            disabled={range.live}
            onClick={() => onChange(stepped(range, siteNow(), 1))}
          >
            <Icon name="chevron-right" size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={range.live ? t('range.hold') : t('range.follow')}>
          <Button
            size="xs"
            aria-pressed={range.live}
            className={css.live}
            onClick={() => onChange(toggledLive(range, siteNow()))}
          >
            <span className={css.dot} aria-hidden="true" />
            {t('range.live')}
          </Button>
        </Tooltip>
      </div>
      {preset === null && (
        <span
          className={css.own}
          title={range.live ? undefined : `${format.utc(shown.from)} – ${format.utc(shown.to)}`}
        >
          {range.live ? t('range.last', { span: spanWords(range.span, format) }) : own}
        </span>
      )}
    </div>
  )
}

function OwnRange({ range, active, onChange }: TimeRangeControlProps & { active: boolean }) {
  const { t } = useTranslation('charts')
  const [opened, setOpened] = useState(false)
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [error, setError] = useState<string | null>(null)
  const open = () => {
    const shown = windowOf(range, siteNow())
    setFrom(toLocal(shown.from))
    setTo(toLocal(shown.to))
    setError(null)
    setOpened((was) => !was)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const start = parseLocal(from)
    const end = parseLocal(to)
    if (start === null || end === null) return setError(t('range.own.missing'))
    if (end - start < MIN_SPAN) return setError(t('range.own.order'))
    if (end - start > MAX_SPAN) return setError(t('range.own.long'))
    setOpened(false)
    onChange({ live: false, from: start, to: end })
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus withinPortal shadow="none">
      <Popover.Target>
        <button type="button" aria-pressed={active} aria-haspopup="dialog" onClick={open}>
          {t('range.own.button')}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('range.own.title')}>
        <form className={css.form} onSubmit={submit}>
          <TextInput
            type="datetime-local"
            step={1}
            label={t('range.own.from')}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            type="datetime-local"
            step={1}
            label={t('range.own.to')}
            value={to}
            error={error}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button type="submit" variant="filled">
            {t('range.own.show')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
