import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { AccountSession } from '#contract/api/account.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { endSession } from '#renderer/api/session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, Pill, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from './account.module.css'
import { sessionsQuery } from './use-account.ts'
import { programOf } from './user-agent.ts'

/** Where the person is signed in; each can be ended, and all at once. */
export function SessionsCard() {
  const { t } = useTranslation('account')
  const { data, error, refetch } = useQuery({ ...sessionsQuery, refetchInterval: 30_000 })
  const everywhere = useMutation({
    mutationFn: (thisToo: boolean) => api.account.signOutEverywhere({ thisToo }),
    onSuccess: (_, thisToo) => {
      if (!thisToo) return queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      endSession()
      location.assign('/login')
      return undefined
    },
  })
  const others = data?.sessions.filter(({ isThis }) => !isThis).length ?? 0
  return (
    <Card title={t('sessions.title')} end={data !== undefined && t('sessions.count', { count: others + 1 })}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height={64} />
      ) : (
        <ul className={css.list}>
          {data.sessions.map((session) => (
            <SessionItem key={session.id} session={session} />
          ))}
        </ul>
      )}
      <div className={`${css.foot} ${css.row}`}>
        {everywhere.error !== null && <ErrorNote error={everywhere.error} />}
        <Button
          disabled={others === 0}
          loading={everywhere.isPending && !everywhere.variables}
          onClick={() => everywhere.mutate(false)}
        >
          {t('sessions.others')}
        </Button>
        <Button
          loading={everywhere.isPending && everywhere.variables}
          onClick={() => everywhere.mutate(true)}
        >
          {t('sessions.everywhere')}
        </Button>
      </div>
    </Card>
  )
}

function SessionItem({ session }: { session: AccountSession }) {
  const { t } = useTranslation('account')
  const format = useFormat()
  const now = useNow()
  const end = useMutation({
    mutationFn: () => api.account.endSession({ id: session.id }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  })
  const program = programOf(session.userAgent) || t('sessions.unknown')
  // Written every few minutes at the most: what is that new is now.
  const age = now - session.lastSeenAt.getTime()
  return (
    <li className={css.item}>
      <div>
        <p className="strong ellipsis" title={session.userAgent}>
          {session.kind === 'api' ? t('sessions.api', { program }) : program}
        </p>
        <p className="small sec">
          <span className="mono">{session.address}</span>
          {' · '}
          <span title={format.dateTime(session.createdAt)}>
            {t('sessions.since', {
              date: format.shortDate(session.createdAt),
              time: format.time(session.createdAt),
            })}
          </span>
          {' · '}
          <span title={format.dateTime(session.lastSeenAt)}>
            {age < 6 * 60_000 ? t('sessions.now') : t('sessions.seen', { age: format.age(age) })}
          </span>
        </p>
        {end.error !== null && <ErrorNote error={end.error} />}
      </div>
      {session.isThis ? (
        <Pill tone="info">{t('sessions.this')}</Pill>
      ) : (
        <Button
          size="xs"
          loading={end.isPending}
          onClick={() => end.mutate()}
          aria-label={t('sessions.endOf', { program })}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
