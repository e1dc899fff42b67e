import { useTranslation } from 'react-i18next'
import { ConnectionCommand } from '#renderer/ui/connection/connection-command.tsx'
import { ConnectionFacts } from '#renderer/ui/connection/connection-facts.tsx'
import { ConnectionProblems } from '#renderer/ui/connection/connection-problems.tsx'
import { useConnection } from '#renderer/ui/connection/connection-query.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Card } from '#renderer/ui/layout.tsx'

/** How a gateway that has never connected gets online: broker, client id, topic, and a command to try it with. */
export function ConnectGuide({ gateway }: { gateway: { id: string } }) {
  const { t } = useTranslation('connection')
  const connection = useConnection(gateway.id).data
  if (connection === undefined) return null
  return (
    <>
      <ConnectionProblems problems={connection.problems} />
      <Card
        title={t('guide.title')}
        end={connection.command !== '' && <CopyButton value={connection.command} label={t('copy')} />}
      >
        <p className="sec" style={{ padding: '12px 16px 0' }}>
          {t('guide.text')}
        </p>
        <ConnectionFacts connection={connection} />
        <ConnectionCommand connection={connection} />
      </Card>
    </>
  )
}
