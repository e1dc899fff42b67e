import { useTranslation } from 'react-i18next'
import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import { KeyValues } from '../layout.tsx'

/** Broker, client id, user name and password, as the gateway's program is told. */
export function ConnectionFacts({ connection }: { connection: GatewayConnection }) {
  const { t } = useTranslation('connection')
  const { hosts, port, websocketPort, clientId, username, password, example } = connection
  const [host = 'localhost'] = hosts
  const name = host.includes(':') ? `[${host}]` : host
  return (
    <KeyValues
      pairs={[
        [t('broker'), <Mono key="broker" text={`mqtts://${name}:${port}`} />],
        websocketPort === null
          ? null
          : [t('websocket'), <Mono key="websocket" text={`wss://${name}:${websocketPort}/mqtt`} />],
        [t('clientId'), <Mono key="client" text={clientId} />],
        username === null ? null : [t('username'), <Mono key="user" text={username} />],
        password === 'none' ? null : [t('password'), t(`passwordIs.${password}`)],
        example === null ? null : [t('topic'), <Mono key="topic" text={example.topic} />],
      ]}
    />
  )
}

export function Mono({ text }: { text: string }) {
  return (
    <code className="mono" style={{ overflowWrap: 'anywhere' }}>
      {text}
    </code>
  )
}
