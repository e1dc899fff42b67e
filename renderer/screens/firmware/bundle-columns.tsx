import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import { Signature, useSignatureWords } from './signature.tsx'

/** @param several whether bundles of more than one tenant are shown */
export function useBundleColumns(several: boolean): Column<FirmwareBundle>[] {
  const { t } = useTranslation('firmware')
  const format = useFormat()
  const signatureOf = useSignatureWords()
  return useMemo(() => {
    const chipsOf = ({ chips }: FirmwareBundle) => chips.join(', ')
    const ownerOf = ({ tenant }: FirmwareBundle) => tenant?.name ?? t('wholeSite')
    const words = (
      id: 'version' | 'chips' | 'owner',
      width: string,
      of: (bundle: FirmwareBundle) => string,
    ): Column<FirmwareBundle> => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: (bundle) => of(bundle).toLocaleLowerCase(),
      cell: (bundle) => <span title={of(bundle)}>{of(bundle)}</span>,
      text: of,
    })
    return [
      {
        id: 'name',
        header: t('column.name'),
        width: 'minmax(190px, 1.6fr)',
        sortKey: ({ name }) => name.toLocaleLowerCase(),
        cell: ({ name, isSimulated }) => (
          <span title={name}>
            <span className="strong">{name}</span>
            {isSimulated && <span className="t-magenta small"> {t('simulated')}</span>}
          </span>
        ),
        text: ({ name }) => name,
      },
      words('version', '88px', ({ version }) => version),
      words('chips', 'minmax(80px, 1.2fr)', chipsOf),
      {
        id: 'signature',
        header: t('column.signature'),
        width: 'minmax(150px, 1.2fr)',
        sortKey: signatureOf,
        cell: (bundle) => <Signature bundle={bundle} />,
        text: signatureOf,
      },
      ...(several ? [words('owner', 'minmax(100px, 1fr)', ownerOf)] : []),
      {
        id: 'size',
        header: t('column.size'),
        width: '88px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ size }) => size,
        cell: ({ size }) => format.bytes(size),
        text: ({ size }) => String(size),
      },
      {
        id: 'jobs',
        header: t('column.jobs'),
        width: '80px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ jobs }) => jobs,
        cell: ({ jobs }) => format.integer(jobs),
        text: ({ jobs }) => String(jobs),
      },
      {
        id: 'imported',
        header: t('column.imported'),
        width: '112px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ importedAt }) => importedAt.getTime(),
        cell: ({ importedAt }) => <span title={format.dateTime(importedAt)}>{format.date(importedAt)}</span>,
        text: ({ importedAt }) => format.utc(importedAt),
      },
    ] satisfies Column<FirmwareBundle>[]
  }, [t, format, signatureOf, several])
}

const phoneWidths: Record<string, string> = {
  name: 'minmax(96px, 1fr)',
  version: '80px',
  chips: 'minmax(80px, 1fr)',
}

/** On a phone a row is its name, version and chips. */
export function phoneColumns(columns: readonly Column<FirmwareBundle>[]): Column<FirmwareBundle>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
