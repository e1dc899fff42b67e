import { useTranslation } from 'react-i18next'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import { useLetterWords } from './letter-words.ts'
import { visible } from './value-form.ts'

export function useLetterColumns(): Column<CloudDeadLetter>[] {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const words = useLetterWords()
  const value = (letter: CloudDeadLetter) => (letter.kind === 'object' ? NOTHING : visible(letter.value))
  const time = (
    id: 'ts' | 'lastAt',
    of: (letter: CloudDeadLetter) => number | null,
  ): Column<CloudDeadLetter> => ({
    id,
    header: t(`refused.column.${id}`),
    width: '168px',
    firstDirection: 'descending',
    sortKey: of,
    cell(letter) {
      const at = of(letter)
      return at === null ? (
        NOTHING
      ) : (
        <span title={utc(at)}>{inRange(at) ? format.dateTime(at) : String(at)}</span>
      )
    },
    text: (letter) => {
      const at = of(letter)
      return at === null ? '' : utc(at)
    },
  })
  return [
    {
      id: 'name',
      header: t('refused.column.name'),
      width: 'minmax(140px, 1.4fr)',
      sortKey: (letter) => words.name(letter).toLocaleLowerCase(),
      cell: (letter) => (
        <span className="strong" title={words.name(letter)}>
          {words.name(letter)}
        </span>
      ),
      text: words.name,
    },
    time('ts', ({ ts }) => ts),
    {
      id: 'value',
      header: t('refused.column.value'),
      width: 'minmax(80px, 0.8fr)',
      cell: (letter) => <code title={value(letter)}>{value(letter)}</code>,
      text: value,
    },
    {
      id: 'reason',
      header: t('refused.column.reason'),
      width: 'minmax(160px, 2.2fr)',
      sortKey: ({ reason }) => reason.code,
      cell: (letter) => <span title={words.reason(letter).what}>{words.reason(letter).what}</span>,
      text: (letter) => words.reason(letter).what,
    },
    {
      id: 'attempts',
      header: t('refused.column.attempts'),
      width: '84px',
      align: 'right',
      firstDirection: 'descending',
      sortKey: ({ attempts }) => attempts,
      cell: ({ attempts }) => format.integer(attempts),
      text: ({ attempts }) => String(attempts),
    },
    time('lastAt', ({ lastAt }) => lastAt),
  ]
}

/** Beside the panel, the panel tells the rest. */
const besidePanel = new Set(['name', 'ts', 'reason'])
const phone: Record<string, string> = { name: 'minmax(96px, 1fr)', reason: 'minmax(120px, 1.4fr)' }

export function columnsBesidePanel(columns: readonly Column<CloudDeadLetter>[]): Column<CloudDeadLetter>[] {
  return columns.filter(({ id }) => besidePanel.has(id))
}

/** On a phone a row is what it is, and why it was refused. */
export function phoneColumns(columns: readonly Column<CloudDeadLetter>[]): Column<CloudDeadLetter>[] {
  return columns.flatMap((column) => {
    const width = phone[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}

/** ECMA-262 21.4.1.1: further away there is no date; and a reading's time may be that far off. */
function inRange(at: number): boolean {
  return Math.abs(at) <= 8.64e15
}

function utc(at: number): string {
  return inRange(at) ? new Date(at).toISOString() : String(at)
}
