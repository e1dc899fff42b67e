import { Button, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel } from '#contract/model/channel.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { STALE_AFTER } from '#contract/model/gateway.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { type ReadingTail, useLatest } from '#renderer/charts/reading-tail.ts'
import { stateName } from '#renderer/charts/state-strip.ts'
import { useStateWord } from '#renderer/charts/use-state-word.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { ChannelDialog } from './channel-dialog.tsx'
import css from './history-tab.module.css'
import { ImportDialog } from './import-dialog.tsx'

/** What each channel is: key, name, unit, kind, limits, latest; to be edited. */
export function ChannelsTab({
  gateway,
  channels,
  tail,
}: {
  gateway: Gateway
  channels: readonly Channel[]
  tail: ReadingTail
}) {
  const { t } = useTranslation('gateway')
  const mayEdit = useMay('gateways:write')
  const [editing, setEditing] = useState<string | null>(null)
  const [isImporting, setImporting] = useState(false)
  const edited = channels.find((channel) => channel.id === editing)
  return (
    <Card
      title={t('channels.title')}
      end={
        <span className={css.ends}>
          {mayEdit && gateway.state !== 'unclaimed' && (
            <button type="button" className="link-button" onClick={() => setImporting(true)}>
              {t('channels.import')}
            </button>
          )}
          {channels.length > 0 && (
            <Link
              to="/trends"
              search={{
                channels: channels
                  .slice(0, 8)
                  .map((channel) => channel.id)
                  .join(','),
              }}
            >
              {t('channels.trends')}
            </Link>
          )}
        </span>
      }
    >
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('channels.key')}</th>
              <th scope="col">{t('channels.name')}</th>
              <th scope="col" className={css.narrowOff}>
                {t('channels.kind')}
              </th>
              <th scope="col" className={`${css.number} ${css.narrowOff}`}>
                {t('channels.low')}
              </th>
              <th scope="col" className={`${css.number} ${css.narrowOff}`}>
                {t('channels.high')}
              </th>
              <th scope="col" className={css.number}>
                {t('channels.latest')}
              </th>
              <th scope="col" className={css.number}>
                {t('channels.age')}
              </th>
              {mayEdit && (
                <th scope="col" className={css.fit}>
                  <VisuallyHidden>{t('channels.actions')}</VisuallyHidden>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <Row
                key={channel.id}
                channel={channel}
                tail={tail}
                onEdit={mayEdit ? () => setEditing(channel.id) : null}
              />
            ))}
          </tbody>
        </table>
      </div>
      {channels.length === 0 && (
        <p className="sub small" style={{ padding: '12px 16px' }}>
          {t('channels.none', { code: gateway.code })}
        </p>
      )}
      {isImporting && <ImportDialog gateway={gateway} onClose={() => setImporting(false)} />}
      {edited !== undefined && <ChannelDialog channel={edited} onClose={() => setEditing(null)} />}
    </Card>
  )
}

function Row({
  channel,
  tail,
  onEdit,
}: {
  channel: Channel
  tail: ReadingTail
  onEdit: (() => void) | null
}) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const stateWord = useStateWord()
  const now = useNow()
  const latest = useLatest(tail, channel.id, channel.latest)
  const limit = (value: number | null) =>
    value === null ? '–' : `${format.number(value)} ${channel.unit ?? ''}`
  const stale = latest !== null && now - latest.ts > STALE_AFTER
  return (
    <tr>
      <td className="mono">
        <BreakableKey text={channel.key} />
      </td>
      <td>{channel.name === channel.key ? <span className="sub">–</span> : channel.name}</td>
      <td className={`${css.narrowOff} sec`}>{t(`channels.kindName.${channel.kind}`)}</td>
      <td className={`${css.number} ${css.narrowOff}`}>{limit(channel.lowLimit)}</td>
      <td className={`${css.number} ${css.narrowOff}`}>{limit(channel.highLimit)}</td>
      <td className={stale ? `${css.number} stale-value` : `${css.number} live-value`}>
        {latest === null
          ? '–'
          : isNumeric(channel) && typeof latest.value === 'number'
            ? `${format.number(latest.value)} ${channel.unit ?? ''}`
            : stateWord(stateName(channel.kind, latest.value))}
      </td>
      <td
        className={`${css.number} sub`}
        title={latest === null ? undefined : `${format.dateTime(latest.ts)} (${format.utc(latest.ts)})`}
      >
        {latest === null ? '–' : format.age(now - latest.ts)}
      </td>
      {onEdit !== null && (
        <td className={css.fit}>
          <Button
            size="xs"
            leftSection={<Icon name="edit" size={14} />}
            onClick={onEdit}
            aria-label={t('channels.editOne', { channel: channel.name })}
          >
            {t('channels.editButton')}
          </Button>
        </td>
      )}
    </tr>
  )
}

/** A channel's key, which a narrow column breaks after its slashes first. */
function BreakableKey({ text }: { text: string }) {
  const at = text.lastIndexOf('/') + 1
  return (
    <>
      {text.slice(0, at)}
      <wbr />
      {text.slice(at)}
    </>
  )
}
