import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Channel } from '#contract/model/channel.ts'
import type { FleetRow, Gateway } from '#contract/model/gateway.ts'
import type { ReadingTail } from '#renderer/charts/reading-tail.ts'
import { Empty } from '#renderer/ui/layout.tsx'
import { CertificateCard } from './certificate-card.tsx'
import { ChannelChart } from './channel-chart.tsx'
import { ConnectGuide } from './connect-guide.tsx'
import css from './gateway.module.css'
import { LimitedCard } from './limited-card.tsx'
import { LiveValues } from './live-values.tsx'
import { RefusalsCard } from './refusals-list.tsx'
import { StatesCard } from './states-card.tsx'

/** The gateway at a glance: values and a chart at the left, states, certificate and refusals at the right. */
export function ReadingsTab(props: {
  gateway: Gateway
  row: FleetRow | undefined
  channels: readonly Channel[] | undefined
  tail: ReadingTail
  channelId: string | null
}) {
  const { gateway, channels, tail } = props
  const { t } = useTranslation('gateway')
  const navigate = useNavigate()
  const selected = channels?.find((channel) => channel.id === props.channelId) ?? channels?.[0]
  const select = (channelId: string) =>
    void navigate({
      to: '.',
      search: (previous: Record<string, unknown>) => ({ ...previous, channel: channelId }),
      replace: true,
    })
  const neverConnected = gateway.activatedAt === null
  return (
    <div className={css.columns}>
      <div className={css.stack}>
        {neverConnected && gateway.state !== 'revoked' && <ConnectGuide gateway={gateway} />}
        {channels !== undefined && channels.length > 0 && (
          <LiveValues
            channels={channels}
            tail={tail}
            rate={props.row?.rate ?? 0}
            selected={selected?.id ?? null}
            onSelect={select}
          />
        )}
        {selected !== undefined && (
          <ChannelChart key={selected.id} gateway={gateway} channel={selected} tail={tail} />
        )}
        {channels?.length === 0 && !neverConnected && (
          <Empty title={t('live.emptyTitle')} text={t('live.emptyText', { code: gateway.code })} />
        )}
      </div>
      <div className={css.stack}>
        <StatesCard gateway={gateway} />
        <CertificateCard gateway={gateway} />
        <RefusalsCard gateway={gateway} />
        <LimitedCard gateway={gateway} />
      </div>
    </div>
  )
}
