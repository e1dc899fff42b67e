import { Button, Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttAddresses, MqttClient, MqttCredentials } from '#contract/api/mqtt-clients.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page } from '#renderer/ui/layout.tsx'
import { ConfirmDialog } from './client-dialogs.tsx'
import type { ClientAction } from './client-panel.tsx'
import { ConnectedTab } from './connected-tab.tsx'
import { CreateDialog } from './create-dialog.tsx'
import { CredentialsTab } from './credentials-tab.tsx'
import { EditDialog } from './edit-dialog.tsx'
import { GivenDialog } from './given-dialog.tsx'
import css from './mqtt-clients.module.css'
import { useMqttClients } from './use-mqtt-clients.ts'

const tabs = ['credentials', 'connected'] as const

/** What is open over the screen. */
type Open =
  | { kind: 'create' }
  | { kind: 'given'; client: MqttClient; credentials: MqttCredentials }
  | { kind: ClientAction; client: MqttClient }

/** Users of the broker that are no gateways: their credentials, and who is connected now. */
export function MqttClientsScreen() {
  const { t } = useTranslation('mqtt-clients')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useMqttClients()
  const [open, setOpen] = useState<Open | null>(null)
  const tab = search['tab'] === 'connected' ? 'connected' : 'credentials'
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const create = () => setOpen({ kind: 'create' })
  return (
    <Page
      flush
      title={t('title')}
      actions={
        <Button variant="filled" leftSection={<Icon name="plus" />} onClick={create}>
          {t('create.open')}
        </Button>
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next === 'connected' ? next : undefined })}
        activateTabWithKeyboard={false}
      >
        <Tabs.List className={css.tabList ?? ''} aria-label={t('title')}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name} aria-controls="mqtt-tab">
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <div id="mqtt-tab" role="tabpanel" aria-label={t(`tab.${tab}`)} className={css.tabPanel}>
        {tab === 'connected' ? (
          <ConnectedTab />
        ) : (
          <CredentialsTab
            query={query}
            search={search}
            onSearch={change}
            onCreate={create}
            onAction={(kind, client) => setOpen({ kind, client })}
          />
        )}
      </div>
      {open !== null && query.data !== undefined && (
        <Dialogs
          open={open}
          addresses={query.data.addresses}
          onGiven={({ client, credentials }) => {
            change({ client: client.id })
            setOpen({ kind: 'given', client, credentials })
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  )
}

function Dialogs(props: {
  open: Open
  addresses: MqttAddresses
  onGiven(given: { client: MqttClient; credentials: MqttCredentials }): void
  onClose(): void
}) {
  const me = useMe()
  const { open, addresses, onGiven, onClose } = props
  if (me === undefined) return null
  switch (open.kind) {
    case 'create':
      return <CreateDialog me={me} onMade={onGiven} onClose={onClose} />
    case 'given':
      return (
        <GivenDialog
          client={open.client}
          credentials={open.credentials}
          addresses={addresses}
          onClose={onClose}
        />
      )
    case 'edit':
      return <EditDialog me={me} client={open.client} onClose={onClose} />
    default:
      return <ConfirmDialog action={open.kind} client={open.client} onGiven={onGiven} onClose={onClose} />
  }
}
