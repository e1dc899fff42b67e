import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import css from './audit.module.css'
import { objectName, useEntryWords } from './entry-words.tsx'
import type { EntryRow } from './use-entries.ts'

/** When, who, what, on what, how it ended, from where. */
export function useEntryColumns(hasTenants: boolean): Column<EntryRow>[] {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const words = useEntryWords()
  return useMemo(() => {
    const all: (Column<EntryRow> | null)[] = [
      {
        id: 'time',
        header: t('column.time'),
        width: '152px',
        cell: ({ at }) => (
          <span title={format.utc(at)}>
            {format.numericDate(at)} {format.clock(at)}
          </span>
        ),
        text: ({ at }) => new Date(at).toISOString(),
      },
      {
        id: 'actor',
        header: t('column.actor'),
        width: 'minmax(120px, 1.2fr)',
        cell: ({ actor }) => <span className={actor.name === null ? 'sub' : ''}>{words.actor(actor)}</span>,
        text: ({ actor }) => words.actor(actor),
      },
      {
        id: 'action',
        header: t('column.action'),
        width: 'minmax(140px, 1.2fr)',
        cell: ({ action }) => action,
        text: ({ action }) => action,
      },
      {
        id: 'object',
        header: t('column.object'),
        width: 'minmax(140px, 1.6fr)',
        cell: (row) =>
          row.object === null ? (
            <span className="sub">{NOTHING}</span>
          ) : (
            <>
              <span className="sec">{row.object.kind}</span> {objectName(row)}
            </>
          ),
        text: (row) => (row.object === null ? '' : `${row.object.kind} ${objectName(row)}`),
      },
      hasTenants
        ? {
            id: 'tenant',
            header: t('column.tenant'),
            width: 'minmax(96px, 1fr)',
            cell: ({ tenant }) => tenant?.name ?? tenant?.id ?? <span className="sub">{NOTHING}</span>,
            text: ({ tenant }) => tenant?.name ?? tenant?.id ?? '',
          }
        : null,
      {
        id: 'outcome',
        header: t('column.outcome'),
        width: 'minmax(128px, 1fr)',
        cell: (row) => <span className={css.outcome}>{words.outcome(row)}</span>,
        text: ({ outcome, errorCode }) => (errorCode === null ? outcome : `${outcome} ${errorCode}`),
      },
      {
        id: 'address',
        header: t('column.address'),
        width: '136px',
        cell: ({ address }) => address ?? <span className="sub">{t('erased')}</span>,
        text: ({ address }) => address ?? '',
      },
      {
        id: 'seq',
        header: t('column.seq'),
        width: '72px',
        align: 'right',
        cell: ({ seq }) => <span className="sub">{seq}</span>,
        text: ({ seq }) => String(seq),
      },
    ]
    return all.filter((column) => column !== null)
  }, [t, format, words, hasTenants])
}

const phoneWidths: Record<string, string> = {
  time: '88px',
  actor: 'minmax(64px, 1fr)',
  action: 'minmax(88px, 1.4fr)',
  outcome: '32px',
}

/** On a phone a row is when, who and what; the mark says how it ended. */
export function phoneColumns(columns: readonly Column<EntryRow>[]): Column<EntryRow>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
