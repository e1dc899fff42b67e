import { SegmentedControl } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import { ConflictCard } from './conflict-card.tsx'
import own from './conflicts.module.css'
import { useObjectNames } from './use-object-names.ts'

const MOST = 200
type Which = 'open' | 'all'

const conflictsQuery = (which: Which) =>
  queryOptions({
    queryKey: ['cloud', 'conflicts', which],
    queryFn: ({ signal }) => api.cloud.conflicts({ which, limit: MOST }, { signal }),
  })

/** What was changed here and elsewhere at the same time: both values, and which one counts. */
export function ConflictsTab({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const [which, setWhich] = useState<Which>('open')
  const { data, error, refetch } = useQuery(conflictsQuery(which))
  const nameOf = useObjectNames(status)
  useAskAgain(status.conflicts)
  return (
    <div className={css.stack}>
      <div className={css.row}>
        <SegmentedControl
          aria-label={t('conflicts.which')}
          value={which}
          data={[
            { value: 'open' as const, label: t('conflicts.open') },
            { value: 'all' as const, label: t('conflicts.all') },
          ]}
          onChange={setWhich}
        />
        {data !== undefined && data.total > data.conflicts.length && (
          <span className="sub small">
            {t('conflicts.newest', {
              count: data.total,
              shown: format.integer(data.conflicts.length),
              total: format.integer(data.total),
            })}
          </span>
        )}
      </div>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={160} />}
      {data?.conflicts.length === 0 && (
        <Empty
          title={t(which === 'open' ? 'conflicts.empty' : 'conflicts.emptyAll')}
          text={t('conflicts.emptyText')}
        />
      )}
      {data !== undefined && data.conflicts.length > 0 && (
        <ul className={own.conflicts}>
          {data.conflicts.map((conflict) => (
            <ConflictCard
              key={conflict.id}
              conflict={conflict}
              nameOf={nameOf}
              several={status.tenants.length > 1}
              onSettled={conflictsChanged}
            />
          ))}
        </ul>
      )}
    </div>
  )
}

function conflictsChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['cloud', 'conflicts'] })
}

/** The link tells their count; with another one the list is another. */
function useAskAgain(count: number): void {
  const before = useRef(count)
  useEffect(() => {
    if (before.current !== count) void conflictsChanged()
    before.current = count
  }, [count])
}
