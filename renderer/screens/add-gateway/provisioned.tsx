import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { DialectName } from '#contract/model/gateway.ts'
import { credentialsFileName } from '#contract/model/ids.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { publishCommand } from '../gateway/connect-command.ts'
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
  dialect: DialectName
  wireName: string
  host: string
  port: number
  topic: string
  expiresAt: Date
}

const files = ['client.crt', 'client.key', 'ca.crt', 'config.json', 'README.txt'] as const

/** The three steps after the gateway is made: take its files, put them on the box, see it come online. */
export function Provisioned({ gateway, onAnother }: { gateway: ProvisionedGateway; onAnother(): void }) {
  const { t } = useTranslation('add-gateway')
  const format = useFormat()
  useGatewayChanges(gateway.id)
  const shown = useGateway(gateway.id).data
  const download = useDownloadCredentials(gateway)
  const received = useConfirmReceived(gateway)
  const saved = typeof download.data === 'string'
  const erased = received.isSuccess || shown?.credentialWaiting === false
  const command = publishCommand({
    dialect: gateway.dialect,
    wireName: gateway.wireName,
    mac: gateway.mac,
    host: gateway.host,
    port: gateway.port,
  })
  return (
    <div className={css.done}>
      <Card title={t('files.title')} end={gateway.label}>
        <div className={css.fields}>
          <p>{erased ? t('files.erased') : t('files.text')}</p>
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
              {t('files.savedText')}
            </Note>
          )}
          {download.error !== null && <ErrorNote error={download.error} />}
          {received.error !== null && <ErrorNote error={received.error} />}
          <dl className={css.files}>
            {files.map((name) => (
              <div key={name}>
                <dt className="mono">{name}</dt>
                <dd>{t(`files.in.${name.replace('.', '_')}`)}</dd>
              </div>
            ))}
          </dl>
          <p className="small sub">{t('files.once')}</p>
        </div>
      </Card>
      <div className={css.side}>
        <FirstReading gateway={gateway} />
        <Card title={t('connect.title')} end={<CopyButton value={command} label={t('connect.copy')} />}>
          <KeyValues
            pairs={[
              [
                t('connect.broker'),
                <code key="broker" className="mono">{`mqtts://${gateway.host}:${gateway.port}`}</code>,
              ],
              [
                t('connect.clientId'),
                <code key="client" className="mono">
                  {gateway.wireName}
                </code>,
              ],
              [
                t('connect.topic'),
                <code key="topic" className="mono">
                  {gateway.topic}
                </code>,
              ],
              [t('connect.ends'), format.date(gateway.expiresAt)],
            ]}
          />
          <pre className={css.command} tabIndex={0} aria-label={t('connect.command')}>
            {command}
          </pre>
        </Card>
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
