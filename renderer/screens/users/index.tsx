import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry, Membership, User } from '#contract/api/users.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { EntryDialog } from './entry-view.tsx'
import { FilterBar } from './filter-bar.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { MembershipDialog, RemoveMembershipDialog } from './membership-dialog.tsx'
import { useUsers } from './use-users.ts'
import { columnsBesidePanel, phoneColumns, useUserColumns } from './user-columns.tsx'
import { type UserAction, UserDialog } from './user-dialogs.tsx'
import { matches, readFilter, writeFilter } from './user-filter.ts'
import { UserPanel } from './user-panel.tsx'
import css from './users.module.css'

/** What is open over the screen. */
type Open =
  | { kind: 'invite' }
  | { kind: 'entry'; user: User; entry: Entry }
  | { kind: 'action'; action: UserAction; user: User }
  | { kind: 'membership'; user: User; membership: Membership | null }
  | { kind: 'removeMembership'; user: User; membership: Membership }

/** People: who they are, what they are where, and who is invited. */
export function UsersScreen() {
  const { t } = useTranslation('users')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useUsers()
  const mayWrite = useMay('users:write')
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useUserColumns()
  const [open, setOpen] = useState<Open | null>(null)
  const users = query.data
  const chosen = users?.find(({ id }) => id === search['user'])
  const isBeside = chosen !== undefined
  const columns = useMemo(
    () => (narrow ? phoneColumns(all) : isBeside ? columnsBesidePanel(all) : all),
    [narrow, isBeside, all],
  )
  const filter = useMemo(() => readFilter(search), [search])
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'name', direction: 'ascending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    const shown = (users ?? []).filter((user) => matches(user, filter))
    return orderRows(shown, sort.column, sortKey, sort.direction).rows
  }, [users, columns, sort.column, sort.direction, filter])
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const isFiltered = Object.values(writeFilter(filter)).some((value) => value !== undefined)
  return (
    <Page
      flush
      title={t('title')}
      beside={
        users !== undefined && (
          <FilterBar
            filter={filter}
            users={users}
            onFilter={(part) => change(writeFilter({ ...filter, ...part }))}
          />
        )
      }
      actions={
        mayWrite && (
          <Button
            variant="filled"
            leftSection={<Icon name="plus" />}
            onClick={() => setOpen({ kind: 'invite' })}
          >
            {t('invite.open')}
          </Button>
        )
      }
    >
      {query.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {users === undefined ? (
        query.error === null && <Skeleton />
      ) : (
        <div className={css.body}>
          {(!narrow || chosen === undefined) && (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              sort={sort}
              onSort={(next) => change({ sort: sortText(next) === 'name' ? undefined : sortText(next) })}
              nameOf={({ name }) => name}
              onOpen={({ id }) => change({ user: id })}
              activeId={chosen?.id ?? null}
              onActive={(id) => change({ user: id ?? undefined })}
              empty={
                <Empty
                  title={t(isFiltered ? 'empty.filtered' : 'empty.title')}
                  text={t(isFiltered ? 'empty.filteredText' : 'empty.text')}
                  action={
                    isFiltered && (
                      <Button onClick={() => change(writeFilter({ text: '', state: null, role: null }))}>
                        {t('empty.clear')}
                      </Button>
                    )
                  }
                />
              }
              scrollId="users"
            />
          )}
          {chosen !== undefined && (
            <UserPanel
              user={chosen}
              onClose={() => change({ user: undefined })}
              onAction={(action) => setOpen({ kind: 'action', action, user: chosen })}
              onMembership={(membership) => setOpen({ kind: 'membership', user: chosen, membership })}
              onRemoveMembership={(membership) =>
                setOpen({ kind: 'removeMembership', user: chosen, membership })
              }
            />
          )}
        </div>
      )}
      {open !== null && (
        <Dialogs
          open={open}
          onEntry={({ user, entry }) => {
            change({ user: user.id })
            setOpen({ kind: 'entry', user, entry })
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  )
}

function Dialogs({
  open,
  onEntry,
  onClose,
}: {
  open: Open
  onEntry(result: { user: User; entry: Entry }): void
  onClose(): void
}) {
  switch (open.kind) {
    case 'invite':
      return <InviteDialog onInvited={onEntry} onClose={onClose} />
    case 'entry':
      return <EntryDialog {...open} onClose={onClose} />
    case 'action':
      return <UserDialog {...open} onEntry={onEntry} onClose={onClose} />
    case 'membership':
      return <MembershipDialog {...open} onClose={onClose} />
    default:
      return <RemoveMembershipDialog {...open} onClose={onClose} />
  }
}
