import { useTranslation } from 'react-i18next'
import type { DialectName, Gateway } from '#contract/model/gateway.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { publishCommand, siteHost, telemetryTopic } from './connect-command.ts'
import css from './gateway.module.css'

/** How a gateway that has never connected gets online: broker, client id, topic, and a command to try it with. */
export function ConnectGuide({
  gateway,
}: {
  gateway: Pick<Gateway, 'dialect' | 'wireName' | 'mac'> & { dialect: DialectName }
}) {
  const { t } = useTranslation('gateway')
  const site = useSite()
  if (site === undefined) return null
  const host = siteHost(site.network)
  const facts = {
    dialect: gateway.dialect,
    wireName: gateway.wireName,
    mac: gateway.mac,
    host,
    port: site.network.ports.mqtts,
  }
  const command = publishCommand(facts)
  return (
    <Card title={t('connect.title')} end={<CopyButton value={command} label={t('connect.copy')} />}>
      <p className="sec" style={{ padding: '12px 16px 0' }}>
        {t('connect.text')}
      </p>
      <KeyValues
        pairs={[
          [t('connect.broker'), <code key="broker" className="mono">{`mqtts://${host}:${facts.port}`}</code>],
          [
            t('connect.clientId'),
            <code key="client" className="mono">
              {gateway.wireName}
            </code>,
          ],
          [
            t('connect.topic'),
            <code key="topic" className="mono">
              {telemetryTopic(facts)}
            </code>,
          ],
        ]}
      />
      {/* A long command scrolls sideways: reachable by keyboard. */}
      <pre className={css.command} tabIndex={0} aria-label={t('connect.command')}>
        {command}
      </pre>
      {facts.host.startsWith('127.') && <p className={`${css.hint} t-yellow`}>{t('connect.loopback')}</p>}
    </Card>
  )
}
