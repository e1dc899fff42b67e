import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Card, Empty } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { BindNote } from './bind-note.tsx'
import { CommandItem } from './command-item.tsx'
import css from './commands.module.css'
import { SendCard } from './send-card.tsx'
import { useCommands } from './use-commands.ts'

/** Commands of a gateway as they go, and the way to send one. */
export function CommandsTab({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('commands')
  const mayCommand = useMay('gateways:command')
  const query = useCommands(gateway.id)
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  const way = query.data?.pages[0]?.way
  if (query.data === undefined || way === undefined) return null
  const commands = query.data.pages.flatMap((page) => page.commands)
  const isAlive = gateway.state !== 'revoked' && gateway.state !== 'unclaimed'
  const maySend = mayCommand && isAlive && way.topic !== null
  return (
    <div className={css.columns}>
      <div className={css.stack}>
        {way.topic === null && (
          <Note tone="info" title={t('way.none.title')}>
            {t('way.none.text', { dialect: gateway.dialect })}
          </Note>
        )}
        {way.topic !== null && isAlive && !way.listening && (
          <Note tone="info" title={t(gateway.online ? 'way.deaf.title' : 'way.away.title')}>
            {gateway.online ? t('way.deaf.text', { topic: way.topic }) : t('way.away.text')}
          </Note>
        )}
        {way.topic !== null && !way.acknowledges && (
          <Note tone="info" title={t('way.silent.title')}>
            {t('way.silent.text', { dialect: gateway.dialect })}
          </Note>
        )}
        <BindNote gateway={gateway} commands={commands} />
        {commands.length === 0 ? (
          <Empty title={t('emptyTitle')} text={t('emptyText')} />
        ) : (
          <Card title={t('title')} end={t('count', { count: commands.length })}>
            <ul>
              {commands.map((command) => (
                <CommandItem key={command.id} command={command} mayCommand={maySend} />
              ))}
            </ul>
            {query.hasNextPage && (
              <div className={css.more}>
                <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('older')}
                </Button>
              </div>
            )}
          </Card>
        )}
      </div>
      {maySend && <SendCard gateway={gateway} />}
    </div>
  )
}
