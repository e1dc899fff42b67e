import { Checkbox, TextInput } from '@mantine/core'
import { useDeferredValue, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { MOST_TILE_CHANNELS } from '#contract/model/dashboard.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { findTileChannels, type TileChannel } from '../model/tile-channel.ts'
import css from './panel.module.css'

/** Shown at once; a longer word finds the others. */
const SHOWN = 60

/** Channels to tick, found by gateway, name or unit; those ticked stand first. */
export function ChannelList(props: {
  all: readonly TileChannel[]
  chosen: readonly string[]
  onChange(ids: string[]): void
  autoFocus?: boolean
}) {
  const { t } = useTranslation('dashboards')
  const [query, setQuery] = useState('')
  const deferred = useDeferredValue(query)
  const label = useId()
  // The order stays while one ticks: nothing jumps under the pointer.
  const [first] = useState(() => new Set(props.chosen))
  const found = useMemo(() => {
    const all = findTileChannels(props.all, deferred)
    return deferred.trim() === ''
      ? [...all.filter(({ id }) => first.has(id)), ...all.filter(({ id }) => !first.has(id))]
      : all
  }, [props.all, deferred, first])
  const full = props.chosen.length >= MOST_TILE_CHANNELS
  const toggle = (id: string) =>
    props.onChange(
      props.chosen.includes(id) ? props.chosen.filter((other) => other !== id) : [...props.chosen, id],
    )
  return (
    <div className={css.channels}>
      <TextInput
        label={
          <span id={label}>
            {t('panel.channels')}{' '}
            {props.chosen.length > 0 && (
              <span className="sub">{t('panel.chosen', { count: props.chosen.length })}</span>
            )}
          </span>
        }
        value={query}
        placeholder={t('panel.find')}
        leftSection={<Icon name="search" />}
        data-autofocus={props.autoFocus}
        autoFocus={props.autoFocus ?? false}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <ul className={css.list} aria-labelledby={label}>
        {found.slice(0, SHOWN).map((channel) => {
          const chosen = props.chosen.includes(channel.id)
          return (
            <li key={channel.id}>
              <Checkbox
                checked={chosen}
                disabled={full && !chosen}
                onChange={() => toggle(channel.id)}
                classNames={{ body: css.tick ?? '', labelWrapper: css.tickLabel ?? '' }}
                label={
                  <span className={css.channel}>
                    {/* Calculated ones are written =Name in expressions. */}
                    <span className="strong">{channel.gatewayCode === '' ? '=' : channel.gatewayCode}</span>
                    <span className="ellipsis">{channel.name}</span>
                    <span className="sub">{channel.unit}</span>
                  </span>
                }
              />
            </li>
          )
        })}
      </ul>
      {found.length === 0 && <p className="sub small">{t('panel.nothing', { query: deferred })}</p>}
      {found.length > SHOWN && (
        <p className="sub small">{t('panel.more', { count: found.length - SHOWN })}</p>
      )}
      {full && <p className="sub small">{t('panel.full', { count: MOST_TILE_CHANNELS })}</p>}
    </div>
  )
}
