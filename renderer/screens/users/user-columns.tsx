import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '#contract/api/users.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import { stateMarks, useUserWords } from './user-words.ts'
import css from './users.module.css'

export function useUserColumns(): Column<User>[] {
  const { t } = useTranslation('users')
  const format = useFormat()
  const words = useUserWords()
  return useMemo(() => {
    const text = (
      id: 'email' | 'roles' | 'where',
      width: string,
      of: (user: User) => string,
    ): Column<User> => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: (user) => of(user).toLocaleLowerCase() || null,
      cell: (user) => <span title={of(user)}>{of(user) || <span className="sub">{NOTHING}</span>}</span>,
      text: of,
    })
    const columns: Column<User>[] = [
      {
        id: 'state',
        header: t('column.state'),
        width: '124px',
        sortKey: ({ state, lockedUntil }) => (lockedUntil === null ? state : 'locked'),
        cell: (user) => (
          <span className={css.state}>
            <StateMark mark={user.lockedUntil === null ? stateMarks[user.state] : 'due'} size={14} />
            {t(user.lockedUntil === null ? `state.${user.state}` : 'state.locked')}
          </span>
        ),
        text: (user) => t(user.lockedUntil === null ? `state.${user.state}` : 'state.locked'),
      },
      {
        id: 'name',
        header: t('column.name'),
        width: 'minmax(120px, 1.4fr)',
        sortKey: ({ name }) => name.toLocaleLowerCase(),
        cell: ({ name }) => (
          <span className="strong" title={name}>
            {name}
          </span>
        ),
        text: ({ name }) => name,
      },
      text('email', 'minmax(140px, 1.8fr)', ({ email }) => email),
      text('roles', 'minmax(110px, 1.1fr)', words.roles),
      text('where', 'minmax(110px, 1.6fr)', words.where),
      {
        id: 'secondFactor',
        header: t('column.secondFactor'),
        width: '128px',
        sortKey: ({ secondFactor }) => (secondFactor ? 1 : 0),
        cell: ({ secondFactor }) => (secondFactor ? t('yes') : <span className="sub">{NOTHING}</span>),
        text: ({ secondFactor }) => (secondFactor ? t('yes') : ''),
      },
      {
        id: 'lastLogin',
        header: t('column.lastLogin'),
        width: '180px',
        firstDirection: 'descending',
        sortKey: ({ lastLoginAt }) => lastLoginAt?.getTime() ?? null,
        cell: ({ lastLoginAt }) =>
          lastLoginAt === null ? (
            <span className="sub">{NOTHING}</span>
          ) : (
            <span title={format.utc(lastLoginAt)}>{format.dateTime(lastLoginAt)}</span>
          ),
        text: ({ lastLoginAt }) => lastLoginAt?.toISOString() ?? '',
      },
    ]
    return columns
  }, [t, format, words])
}

/** What the panel tells of the chosen one leaves its room to the rest. */
export function columnsBesidePanel(columns: readonly Column<User>[]): Column<User>[] {
  return columns.filter(({ id }) => id !== 'secondFactor' && id !== 'lastLogin')
}

const phoneWidths: Record<string, string> = {
  name: 'minmax(96px, 1fr)',
  roles: 'minmax(88px, 1fr)',
  state: '116px',
}

/** On a phone a row is who, as what, and how. */
export function phoneColumns(columns: readonly Column<User>[]): Column<User>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
