import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import css from './api-keys.module.css'
import { CreateDialog } from './create-dialog.tsx'
import { CurlExample } from './curl-example.tsx'
import { phoneColumns, useKeyColumns } from './key-columns.tsx'
import { RenameDialog, RevokeDialog } from './key-dialogs.tsx'
import { type KeyAction, KeyPanel } from './key-panel.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import { useApiKeys } from './use-api-keys.ts'

/** What is open over the screen. */
type Open =
  | { kind: 'create' }
  | { kind: 'made'; key: ApiKey; secret: string }
  | { kind: KeyAction; key: ApiKey }

/** The keys of services: what each may do, and when it was used last. */
export function ApiKeysScreen() {
  const { t } = useTranslation('api-keys')
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const { data: keys, error, refetch } = useApiKeys()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const all = useKeyColumns()
  const columns = useMemo(() => (narrow ? phoneColumns(all) : all), [narrow, all])
  const [open, setOpen] = useState<Open | null>(null)
  const sort = parseSort(
    search['sort'],
    columns.map(({ id }) => id),
    { column: 'name', direction: 'ascending' },
  )
  const rows = useMemo(() => {
    const sortKey = columns.find(({ id }) => id === sort.column)?.sortKey ?? (() => null)
    return orderRows(keys ?? [], sort.column, sortKey, sort.direction).rows
  }, [keys, columns, sort.column, sort.direction])
  const chosen = keys?.find(({ id }) => id === search['key'])
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  const createButton = (
    <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => setOpen({ kind: 'create' })}>
      {t('create.open')}
    </Button>
  )
  return (
    <Page flush title={t('title')} actions={createButton}>
      {error !== null && (
        <div className={css.inset}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {keys === undefined && error === null && <Skeleton />}
      {keys?.length === 0 && (
        <div className={css.none}>
          <Empty title={t('empty.title')} text={t('empty.text')} />
          <CurlExample secret="mwk_…" />
        </div>
      )}
      {keys !== undefined && keys.length > 0 && (
        <div className={css.body}>
          {(!narrow || chosen === undefined) && (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              sort={sort}
              onSort={(next) => change({ sort: sortText(next) === 'name' ? undefined : sortText(next) })}
              nameOf={({ name }) => name}
              onOpen={({ id }) => change({ key: id })}
              activeId={chosen?.id ?? null}
              onActive={(id) => change({ key: id ?? undefined })}
              empty={null}
              scrollId="api-keys"
            />
          )}
          {chosen !== undefined && (
            <KeyPanel
              apiKey={chosen}
              onAction={(kind) => setOpen({ kind, key: chosen })}
              onClose={() => change({ key: undefined })}
            />
          )}
        </div>
      )}
      {open !== null && (
        <Dialogs
          open={open}
          onMade={({ key, secret }) => {
            change({ key: key.id })
            setOpen({ kind: 'made', key, secret })
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  )
}

function Dialogs(props: {
  open: Open
  onMade(result: { key: ApiKey; secret: string }): void
  onClose(): void
}) {
  const me = useMe()
  const { open, onMade, onClose } = props
  switch (open.kind) {
    case 'create':
      return me === undefined ? null : <CreateDialog me={me} onMade={onMade} onClose={onClose} />
    case 'made':
      return <SecretDialog apiKey={open.key} secret={open.secret} onClose={onClose} />
    case 'rename':
      return <RenameDialog apiKey={open.key} onClose={onClose} />
    case 'revoke':
      return <RevokeDialog apiKey={open.key} onClose={onClose} />
  }
}
