import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import { aliasKinds, type Gateway } from '#contract/model/gateway.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { ConnectionCommand } from '#renderer/ui/connection/connection-command.tsx'
import { ConnectionFacts, Mono } from '#renderer/ui/connection/connection-facts.tsx'
import { ConnectionProblems } from '#renderer/ui/connection/connection-problems.tsx'
import { useConnection } from '#renderer/ui/connection/connection-query.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../gateway.module.css'
import { ConfigureDialog } from './configure-dialog.tsx'
import { RenewDialog } from './renew-dialog.tsx'
import { TopicsCard } from './topics-card.tsx'

/** What the gateway speaks and is called, how it connects, and what may be changed of that. */
export function ConnectionTab({ gateway }: { gateway: Gateway }) {
  const query = useConnection(gateway.id)
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  if (query.data === undefined) return <Skeleton height={240} />
  return <Shown gateway={gateway} connection={query.data} />
}

function Shown({ gateway, connection }: { gateway: Gateway; connection: GatewayConnection }) {
  const { t } = useTranslation('connection')
  const mayWrite = useMay('gateways:write')
  const mayRenew = useMay('certificates:write') && gateway.state !== 'unclaimed'
  const [open, setOpen] = useState<'configure' | 'renew' | null>(null)
  const { dialect, dialectOfProfile, profile, credential, aliases } = connection
  const close = () => setOpen(null)
  return (
    <div className={css.columns}>
      <div className={css.stack}>
        <ConnectionProblems problems={connection.problems} />
        <Card
          title={t('title')}
          end={connection.command !== '' && <CopyButton value={connection.command} label={t('copy')} />}
        >
          <ConnectionFacts connection={connection} />
          <ConnectionCommand connection={connection} />
        </Card>
        <TopicsCard connection={connection} />
      </div>
      <div className={css.stack}>
        <Card
          title={t('settings')}
          end={
            mayWrite && (
              <Button
                size="xs"
                leftSection={<Icon name="edit" size={14} />}
                onClick={() => setOpen('configure')}
              >
                {t('change')}
              </Button>
            )
          }
        >
          <KeyValues
            pairs={[
              [t('profile'), profile?.name ?? t('noProfile')],
              [
                t('dialect'),
                dialectOfProfile ? t('dialectOfProfile', { dialect: dialect.title }) : dialect.title,
              ],
              ...aliasKinds.map((kind): [string, React.ReactNode] | null => {
                const name = aliases[kind]
                return name === null ? null : [t(`alias.${kind}.label`), <Mono key={kind} text={name} />]
              }),
            ]}
          />
        </Card>
        <Card
          title={t('credential')}
          end={
            mayRenew && (
              <Button size="xs" onClick={() => setOpen('renew')}>
                {t('renew.open')}
              </Button>
            )
          }
        >
          <KeyValues pairs={[[t('kind'), t(`credentialIs.${credential}.title`)]]} />
          <p className="sec small" style={{ padding: '0 16px 12px' }}>
            {t(`credentialIs.${credential}.text`)}
          </p>
        </Card>
      </div>
      {open === 'configure' && <ConfigureDialog gateway={gateway} connection={connection} onClose={close} />}
      {open === 'renew' && <RenewDialog gateway={gateway} credential={credential} onClose={close} />}
    </div>
  )
}
