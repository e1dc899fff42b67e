import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { type Format, useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import type { ColumnId } from './claims-search.ts'
import { labelOfMac, marksOf, nameOf } from './knock.ts'
import { KnockMarks, useMarkWords } from './knock-marks.tsx'

export type KnockColumn = Column<Knock> & { id: ColumnId }

export function useKnockColumns(): KnockColumn[] {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const words = useMarkWords()
  return useMemo(() => {
    const text = (id: ColumnId, width: string, of: (knock: Knock) => string | null): KnockColumn => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: of,
      cell: (knock) => <span title={of(knock) ?? ''}>{of(knock)}</span>,
      text: (knock) => of(knock) ?? '',
    })
    const mono = (column: KnockColumn, of: (knock: Knock) => string | null): KnockColumn => ({
      ...column,
      cell: (knock) => <span className="mono">{of(knock)}</span>,
    })
    const time = (id: ColumnId, of: (knock: Knock) => Date): KnockColumn => ({
      id,
      header: t(`column.${id}`),
      width: '92px',
      align: 'right',
      firstDirection: 'descending',
      sortKey: (knock) => of(knock).getTime(),
      cell: (knock) => <Age at={of(knock).getTime()} format={format} />,
      text: (knock) => of(knock).toISOString(),
    })
    const labelOf = ({ label, deviceId }: Knock) => label ?? deviceId
    const ofMac = ({ mac }: Knock) => (mac === null ? null : labelOfMac(mac))
    return [
      {
        ...text('label', 'minmax(120px, 1fr)', (knock) => labelOf(knock) ?? ofMac(knock)),
        cell: (knock) =>
          labelOf(knock) === null ? (
            // It has not said so: what its MAC makes of it, as it is printed on such boxes.
            <span className="mono sub" title={t('madeOfMac')}>
              {ofMac(knock)}
            </span>
          ) : (
            <span className="mono" title={labelOf(knock) ?? ''}>
              {labelOf(knock)}
            </span>
          ),
      },
      mono(
        text('mac', '152px', ({ mac }) => mac),
        ({ mac }) => mac,
      ),
      {
        id: 'marks',
        header: t('column.marks'),
        width: 'minmax(130px, 1.2fr)',
        sortKey: (knock) => marksOf(knock)[0] ?? null,
        cell: (knock) => <KnockMarks knock={knock} />,
        text: (knock) =>
          marksOf(knock)
            .map((mark) => words.short(mark, knock))
            .join(', '),
      },
      text('manufacturer', 'minmax(110px, 1fr)', ({ manufacturer }) => manufacturer),
      text('chip', '92px', ({ chip }) => chip),
      text('firmware', '92px', ({ firmware }) => firmware),
      text('way', '104px', ({ way }) => t(`way.${way}`)),
      mono(
        text('address', '132px', ({ address }) => address),
        ({ address }) => address,
      ),
      {
        id: 'count',
        header: t('column.count'),
        width: '84px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ count }) => count,
        cell: ({ count }) => format.integer(count),
        text: ({ count }) => String(count),
      },
      time('first', ({ firstAt }) => firstAt),
      time('age', ({ lastAt }) => lastAt),
    ]
  }, [t, format, words])
}

function Age({ at, format }: { at: number; format: Format }) {
  const now = useNow()
  return (
    <span className="sec" title={`${format.dateTime(at)} (${format.utc(at)})`}>
      {format.age(now - at)}
    </span>
  )
}

/** Beside the panel a row is who it is and what has to be said of it. */
export function besidePanel(columns: readonly KnockColumn[]): KnockColumn[] {
  return columns.filter(({ id }) => ['label', 'mac', 'marks', 'address', 'age'].includes(id))
}

/** On a phone the same, with one name. */
export function phoneColumns(columns: readonly KnockColumn[]): KnockColumn[] {
  return columns.flatMap((column): KnockColumn[] => {
    if (column.id === 'label')
      return [
        {
          ...column,
          width: 'minmax(120px, 1.2fr)',
          cell: (knock) => <span className="mono">{nameOf(knock)}</span>,
        },
      ]
    if (column.id === 'marks') return [{ ...column, width: 'minmax(80px, 1fr)' }]
    return column.id === 'age' ? [{ ...column, width: '64px' }] : []
  })
}
