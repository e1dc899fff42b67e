import { Button, Tabs } from '@mantine/core'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { readError } from '#renderer/api/client.ts'
import { useFleetRow } from '#renderer/api/fleet-store.ts'
import { useReadingTail } from '#renderer/charts/reading-tail.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { CertificateTab } from './certificate-tab.tsx'
import { ChannelsTab } from './channels-tab.tsx'
import { CommandsTab } from './commands/commands-tab.tsx'
import { ConnectionTab } from './connection/connection-tab.tsx'
import { CredentialsNote } from './credentials-note.tsx'
import css from './gateway.module.css'
import { GatewayActions } from './gateway-actions.tsx'
import { GatewayFacts, GatewayHeading, GatewayPills } from './gateway-heading.tsx'
import { HistoryTab } from './history-tab.tsx'
import { ReadingsTab } from './readings-tab.tsx'
import { RefusalsTab } from './refusals-list.tsx'
import { useChannels, useGateway, useGatewayChanges, useRefusals } from './use-gateway.ts'

const tabs = ['readings', 'channels', 'commands', 'connection', 'certificate', 'history', 'refusals'] as const
type Tab = (typeof tabs)[number]

const isTab = (value: unknown): value is Tab => tabs.some((tab) => tab === value)

/** One gateway: who it is, what it says now and said before, its certificate, its history. */
export function GatewayScreen() {
  const { t } = useTranslation('gateway')
  const { gatewayId } = useParams({ from: '/shell/gateways/$gatewayId' })
  const query = useGateway(gatewayId)
  if (query.data !== undefined) return <Shown key={query.data.id} gateway={query.data} />
  if (query.error === null) {
    return (
      <Page title="">
        <Skeleton />
      </Page>
    )
  }
  if (readError(query.error).code !== 'not_found') {
    return (
      <Page title={t('title')}>
        <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    )
  }
  return (
    <Page title={t('notFound.title')}>
      <Empty
        title={t('notFound.title')}
        text={t('notFound.text')}
        action={
          <Button component={Link} to="/fleet">
            {t('notFound.fleet')}
          </Button>
        }
      />
    </Page>
  )
}

function Shown({ gateway }: { gateway: NonNullable<ReturnType<typeof useGateway>['data']> }) {
  const { t } = useTranslation('gateway')
  const search: { tab?: unknown; channel?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  useGatewayChanges(gateway.id)
  const row = useFleetRow(gateway.id)
  const channelsQuery = useChannels(gateway.id)
  const refusals = useRefusals(gateway.id).data?.refusals.length ?? 0
  const channels = channelsQuery.data?.channels
  const tail = useReadingTail((channels ?? []).map((channel) => channel.id))
  const tab = isTab(search.tab) ? search.tab : 'readings'
  // What is live is newer than what was asked for.
  const current =
    row === undefined ? gateway : { ...gateway, online: row.online, state: row.state, name: row.name }
  const open = (next: string | null) =>
    void navigate({
      to: '.',
      search: (previous: Record<string, unknown>) => ({
        ...previous,
        tab: next === 'readings' ? undefined : next,
      }),
    })
  return (
    <Page
      title={`${current.code} ${current.name}`}
      heading={<GatewayHeading gateway={current} />}
      beside={<GatewayPills gateway={current} row={row} />}
      actions={<GatewayActions gateway={current} />}
    >
      <GatewayFacts gateway={current} row={row} />
      {current.credentialWaiting && <CredentialsNote gateway={current} />}
      <Tabs value={tab} onChange={open} className={css.tabs} activateTabWithKeyboard={false}>
        <Tabs.List className={css.tabList ?? ''} aria-label={t('tabs.label', { code: current.code })}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name} aria-controls="gateway-tab">
              {name === 'refusals' && refusals > 0
                ? t('tabs.refusalsCount', { count: refusals })
                : t(`tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <div id="gateway-tab" role="tabpanel" aria-label={t(`tabs.${tab}`)} className={css.panel}>
        {channelsQuery.error !== null && (
          <ErrorNote error={channelsQuery.error} onRetry={() => void channelsQuery.refetch()} />
        )}
        {tab === 'readings' && (
          <ReadingsTab
            gateway={current}
            row={row}
            channels={channels}
            tail={tail}
            channelId={typeof search.channel === 'string' ? search.channel : null}
          />
        )}
        {tab === 'channels' && channels !== undefined && (
          <ChannelsTab gateway={current} channels={channels} tail={tail} />
        )}
        {tab === 'commands' && <CommandsTab gateway={current} />}
        {tab === 'connection' && <ConnectionTab gateway={current} />}
        {tab === 'certificate' && <CertificateTab gateway={current} />}
        {tab === 'history' && <HistoryTab gateway={current} />}
        {tab === 'refusals' && <RefusalsTab gateway={current} />}
      </div>
    </Page>
  )
}
