import { TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { siteNow } from '#renderer/api/site-clock.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { parseSort, sortText } from '#renderer/ui/table/column.ts'
import { DataTable, useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import { orderRows } from '#renderer/ui/table/order.ts'
import { CaCards } from './ca-cards.tsx'
import { phoneColumns, useCertificateColumns } from './certificate-columns.tsx'
import {
  type CertificateFilter,
  certificateFilters,
  countsOf,
  fits,
  isFilter,
  matches,
} from './certificate-rows.ts'
import css from './certificates.module.css'
import { CertificateChanges, useCertificateList } from './use-certificates.ts'

/** Every certificate of the site and its gateways; what is due stands first. */
export function CertificatesScreen() {
  const { t } = useTranslation('certificates')
  const search: { filter?: unknown; q?: unknown; sort?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const query = useCertificateList()
  const slash = useSlashFocus()
  const now = useMinute()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  const allColumns = useCertificateColumns(now)
  const columns = useMemo(() => (narrow ? phoneColumns(allColumns) : allColumns), [narrow, allColumns])
  const [activeId, setActiveId] = useState<string | null>(null)
  const filter: CertificateFilter = isFilter(search.filter) ? search.filter : 'all'
  const text = typeof search.q === 'string' || typeof search.q === 'number' ? String(search.q) : ''
  const sort = parseSort(
    search.sort,
    columns.map((column) => column.id),
    { column: 'state', direction: 'ascending' },
  )
  const all = query.data?.certificates
  const counts = useMemo(() => countsOf(all ?? [], now), [all, now])
  const rows = useMemo(() => {
    const shown = (all ?? []).filter(
      (certificate) => fits(certificate, filter, now) && matches(certificate, text),
    )
    const sortKey = columns.find((column) => column.id === sort.column)?.sortKey ?? (() => null)
    return orderRows(shown, sort.column, sortKey, sort.direction).rows
  }, [all, filter, text, sort.column, sort.direction, columns, now])
  const change = (next: Record<string, unknown>) =>
    void navigate({
      to: '.',
      search: (previous: Record<string, unknown>) => ({ ...previous, ...next }),
      replace: true,
    })

  return (
    <Page
      title={t('title')}
      beside={
        <span className="sec">
          {counts.due > 0
            ? t('verdict.due', { count: counts.due })
            : all === undefined
              ? ''
              : t('verdict.good', { count: all.length })}
        </span>
      }
      actions={
        <TextInput
          ref={slash}
          className={css.find ?? ''}
          leftSection={<Icon name="search" />}
          placeholder={t('find')}
          aria-label={t('find')}
          value={text}
          onChange={(event) =>
            change({ q: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
          }
        />
      }
      flush
    >
      <CertificateChanges />
      {query.error !== null && (
        <div className={css.pad}>
          <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {all === undefined ? (
        query.error === null && <Skeleton />
      ) : (
        <>
          <div className={css.pad}>
            <CaCards certificates={all} />
          </div>
          <div className={css.filters} role="group" aria-label={t('filter.label')}>
            {certificateFilters.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={filter === name}
                onClick={() => change({ filter: name === 'all' ? undefined : name })}
              >
                {name === 'due' && counts.due > 0 && <StateMark mark="due" size={14} />}
                {t(`filter.${name}`)} <b>{counts[name]}</b>
              </button>
            ))}
          </div>
          <DataTable
            label={t('title')}
            columns={columns}
            rows={rows}
            sort={sort}
            onSort={(next) => change({ sort: sortText(next) })}
            nameOf={(row) => row.gatewayCode ?? row.subject}
            onOpen={(row) => {
              if (row.gatewayId !== null)
                void navigate({
                  to: '/gateways/$gatewayId',
                  params: { gatewayId: row.gatewayId },
                  search: { tab: 'certificate' },
                })
            }}
            activeId={activeId}
            onActive={setActiveId}
            empty={<Empty title={t('empty.title')} text={t('empty.text')} />}
            scrollId="certificates"
          />
        </>
      )}
    </Page>
  )
}

const MINUTE = 60_000

/** The site's time to the minute, ms: what is due changes by the day, and thousands of rows hang on it. */
function useMinute(): number {
  const [minute, setMinute] = useState(() => Math.floor(siteNow() / MINUTE) * MINUTE)
  useEffect(() => {
    const timer = setInterval(() => setMinute(Math.floor(siteNow() / MINUTE) * MINUTE), 5_000)
    return () => clearInterval(timer)
  }, [])
  return minute
}
