import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { CredentialKind } from '#contract/model/gateway.ts'
import { credentialsFileName } from '#contract/model/ids.ts'
import { ConnectionCommand } from '#renderer/ui/connection/connection-command.tsx'
import { ConnectionFacts } from '#renderer/ui/connection/connection-facts.tsx'
import { ConnectionProblems } from '#renderer/ui/connection/connection-problems.tsx'
import { useConnection } from '#renderer/ui/connection/connection-query.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { useConfirmReceived, useDownloadCredentials } from '../gateway/credentials.ts'
import { useGateway, useGatewayChanges } from '../gateway/use-gateway.ts'
import css from './add-gateway.module.css'
import { FirstReading } from './first-reading.tsx'

export interface ProvisionedGateway {
  id: string
  mac: string | null
  code: string
  label: string
  name: string
  credential: CredentialKind
  /** Shown once; null for one with a certificate. */
  secret: string | null
  /** Null for one with a secret. */
  expiresAt: Date | null
}

const files = ['client.crt', 'client.key', 'ca.crt', 'config.json', 'README.txt'] as const
const filesOfSecret = ['config.json', 'ca.crt', 'README.txt'] as const

/** The three steps after the gateway is made: take its files, put them on the box, see it come online. */
export function Provisioned({ gateway, onAnother }: { gateway: ProvisionedGateway; onAnother(): void }) {
  const { t } = useTranslation(['add-gateway', 'connection'])
  const format = useFormat()
  useGatewayChanges(gateway.id)
  const shown = useGateway(gateway.id).data
  const download = useDownloadCredentials(gateway)
  const received = useConfirmReceived(gateway)
  const saved = typeof download.data === 'string'
  const erased = received.isSuccess || shown?.credentialWaiting === false
  const connection = useConnection(gateway.id).data
  const isSecret = gateway.secret !== null
  return (
    <div className={css.done}>
      <Card title={t('files.title')} end={gateway.label}>
        <div className={css.fields}>
          <p>{erased ? t(isSecret ? 'files.erasedSecret' : 'files.erased') : t('files.text')}</p>
          {gateway.secret !== null && !erased && (
            <Secret
              value={gateway.secret}
              fileName={`${gateway.code}_secret.txt`}
              label={t('files.secret')}
            />
          )}
          {!erased && (
            <div className={css.row}>
              <Button
                variant={saved ? 'default' : 'filled'}
                leftSection={<Icon name="download" size={14} />}
                loading={download.isPending}
                onClick={() => download.mutate()}
              >
                {t('files.download', { name: credentialsFileName(gateway) })}
              </Button>
              <Button
                variant={saved ? 'filled' : 'default'}
                disabled={!saved}
                loading={received.isPending}
                onClick={() => received.mutate()}
              >
                {t('files.received')}
              </Button>
            </div>
          )}
          {erased && (
            <p className={css.state}>
              <StateMark mark="passed" /> {t('files.handedOver')}
            </p>
          )}
          {saved && !erased && (
            <Note tone="info" title={t('files.savedTitle', { path: download.data ?? '' })}>
              {t(isSecret ? 'files.savedTextSecret' : 'files.savedText')}
            </Note>
          )}
          {download.error !== null && <ErrorNote error={download.error} />}
          {received.error !== null && <ErrorNote error={received.error} />}
          <dl className={css.files}>
            {(isSecret ? filesOfSecret : files).map((name) => (
              <div key={name}>
                <dt className="mono">{name}</dt>
                <dd>
                  {t(
                    isSecret && name === 'config.json'
                      ? 'files.in.config_secret'
                      : `files.in.${name.replace('.', '_')}`,
                  )}
                </dd>
              </div>
            ))}
          </dl>
          <p className="small sub">{t('files.once')}</p>
        </div>
      </Card>
      <div className={css.side}>
        <FirstReading gateway={gateway} />
        {connection !== undefined && (
          <>
            <ConnectionProblems problems={connection.problems} />
            <Card
              title={t('connect.title')}
              end={
                connection.command !== '' && (
                  <CopyButton value={connection.command} label={t('connection:copy')} />
                )
              }
            >
              <ConnectionFacts connection={connection} />
              {gateway.expiresAt !== null && (
                <KeyValues pairs={[[t('connect.ends'), format.date(gateway.expiresAt)]]} />
              )}
              <ConnectionCommand connection={connection} />
            </Card>
          </>
        )}
        <div className={css.foot}>
          <Button onClick={onAnother} leftSection={<Icon name="plus" size={14} />}>
            {t('another')}
          </Button>
          <Button component={Link} to={`/gateways/${gateway.id}`} variant={erased ? 'filled' : 'default'}>
            {t('open')}
          </Button>
        </div>
      </div>
    </div>
  )
}
