import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { usePermissionWords } from '#renderer/ui/permission-words.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import css from './api-keys.module.css'
import { stateMarks, useKeyWords } from './key-words.ts'

export function useKeyColumns(): Column<ApiKey>[] {
  const { t } = useTranslation('api-keys')
  const format = useFormat()
  const words = useKeyWords()
  const permissions = usePermissionWords()
  return useMemo(() => {
    const scopes = (key: ApiKey) => key.scopes.map(permissions.nameOf).join(', ')
    const time = (
      id: 'expires' | 'lastUsed',
      of: (key: ApiKey) => Date | null,
      nothing: string,
    ): Column<ApiKey> => ({
      id,
      header: t(`column.${id}`),
      width: id === 'expires' ? '132px' : '168px',
      firstDirection: 'descending',
      sortKey: (key) => of(key)?.getTime() ?? null,
      cell(key) {
        const at = of(key)
        if (at === null) return <span className="sub">{nothing}</span>
        return <span title={format.utc(at)}>{id === 'expires' ? format.date(at) : format.dateTime(at)}</span>
      },
      text: (key) => of(key)?.toISOString() ?? '',
    })
    return [
      {
        id: 'state',
        header: t('column.state'),
        width: '112px',
        sortKey: ({ state }) => state,
        cell: ({ state }) => (
          <span className={css.state}>
            <StateMark mark={stateMarks[state]} size={14} />
            {t(`state.${state}`)}
          </span>
        ),
        text: ({ state }) => t(`state.${state}`),
      },
      {
        id: 'name',
        header: t('column.name'),
        width: 'minmax(120px, 1.3fr)',
        sortKey: ({ name }) => name.toLocaleLowerCase(),
        cell: ({ name }) => (
          <span className="strong" title={name}>
            {name}
          </span>
        ),
        text: ({ name }) => name,
      },
      {
        id: 'prefix',
        header: t('column.prefix'),
        width: '124px',
        sortKey: ({ prefix }) => prefix,
        cell: ({ prefix }) => <code>{prefix}</code>,
        text: ({ prefix }) => prefix,
      },
      {
        id: 'scopes',
        header: t('column.scopes'),
        width: 'minmax(120px, 2fr)',
        cell: (key) => <span title={scopes(key)}>{scopes(key)}</span>,
        text: ({ scopes }) => scopes.join(' '),
      },
      {
        id: 'reach',
        header: t('column.reach'),
        width: 'minmax(110px, 1.2fr)',
        sortKey: (key) => words.reach(key).toLocaleLowerCase(),
        cell: (key) => <span title={words.reach(key)}>{words.reach(key)}</span>,
        text: words.reach,
      },
      time('expires', ({ expiresAt }) => expiresAt, t('never')),
      time('lastUsed', ({ lastUsedAt }) => lastUsedAt, NOTHING),
    ]
  }, [t, format, words, permissions])
}

const phoneWidths: Record<string, string> = {
  name: 'minmax(96px, 1fr)',
  state: '108px',
  expires: '116px',
}

/** On a phone a row is what it is for, whether it works, and how long. */
export function phoneColumns(columns: readonly Column<ApiKey>[]): Column<ApiKey>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
