import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { phoneColumns, useProfileColumns } from './profile-columns.tsx'
import { ProfileDialog } from './profile-dialog.tsx'
import { ProfilePanel } from './profile-panel.tsx'
import css from './profiles.module.css'
import { RemoveDialog } from './remove-dialog.tsx'

type Open = { kind: 'create' } | { kind: 'edit' | 'remove'; profile: GatewayProfile }

/** Settings that many gateways share: what they speak, prove themselves with, and may send. */
export function ProfilesScreen() {
  const { t } = useTranslation('profiles')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const { data: profiles, error, refetch } = useProfiles()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const { several, acting } = useTenants()
  const all = useProfileColumns(several && acting === null)
  const columns = useMemo(() => (narrow ? phoneColumns(all) : all), [narrow, all])
  const me = useMe()
  // Profiles are the whole tenant's.
  const mayWrite = useMay('gateways:write') && (me?.reach === 'site' || me?.reach === 'tenant')
  const [open, setOpen] = useState<Open | null>(null)
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'name', direction: 'ascending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(profiles ?? [], sort.column, sortKey, sort.direction).rows
  }, [profiles, columns, sort.column, sort.direction])
  const chosen = profiles?.find(({ id }) => id === search['profile'])
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const createButton = mayWrite && (
    <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => setOpen({ kind: 'create' })}>
      {t('create.open')}
    </Button>
  )
  return (
    <Page
      flush
      title={t('title')}
      heading={
        <>
          <Link to="/fleet" className="sub">
            {t('fleet')}
          </Link>
          <span className="sub" aria-hidden="true">
            /
          </span>
          <h1>{t('title')}</h1>
        </>
      }
      actions={createButton}
    >
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {profiles === undefined && error === null && <Skeleton />}
      {profiles?.length === 0 && (
        <Empty title={t('empty.title')} text={t('empty.text')} action={createButton} />
      )}
      {profiles !== undefined && profiles.length > 0 && (
        <div className={css.body}>
          {(!narrow || chosen === undefined) && (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              sort={sort}
              onSort={(next) => change({ sort: sortText(next) === 'name' ? undefined : sortText(next) })}
              nameOf={({ name }) => name}
              onOpen={(profile) =>
                mayWrite ? setOpen({ kind: 'edit', profile }) : change({ profile: profile.id })
              }
              activeId={chosen?.id ?? null}
              onActive={(id) => change({ profile: id ?? undefined })}
              empty={<Empty title={t('empty.title')} text={t('empty.text')} />}
              scrollId="profiles"
            />
          )}
          {chosen !== undefined && (
            <ProfilePanel
              profile={chosen}
              mayWrite={mayWrite}
              onAction={(kind) => setOpen({ kind, profile: chosen })}
              onClose={() => change({ profile: undefined })}
            />
          )}
        </div>
      )}
      {open?.kind === 'create' && (
        <ProfileDialog
          profile={null}
          onDone={({ id }) => {
            change({ profile: id })
            setOpen(null)
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.kind === 'edit' && (
        <ProfileDialog profile={open.profile} onDone={() => setOpen(null)} onClose={() => setOpen(null)} />
      )}
      {open?.kind === 'remove' && (
        <RemoveDialog
          profile={open.profile}
          onDone={() => {
            change({ profile: undefined })
            setOpen(null)
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  )
}
