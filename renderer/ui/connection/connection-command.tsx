import { useTranslation } from 'react-i18next'
import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import css from './connection.module.css'

/** A first reading with mosquitto's client, to be copied into a shell. */
export function ConnectionCommand({ connection }: { connection: GatewayConnection }) {
  const { t } = useTranslation('connection')
  if (connection.command === '') return null
  return (
    <>
      {connection.password === 'secret' && <p className={`sec ${css.hint}`}>{t('secretHint')}</p>}
      {/* A long command scrolls sideways: reachable by keyboard. */}
      <pre className={css.command} tabIndex={0} aria-label={t('command')}>
        {connection.command}
      </pre>
      {connection.hosts[0]?.startsWith('127.') === true && (
        <p className={`${css.hint} t-yellow`}>{t('loopback')}</p>
      )}
    </>
  )
}
