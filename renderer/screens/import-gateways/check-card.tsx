import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { GatewayImportCheck } from '#contract/model/gateway-import.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import css from './import-gateways.module.css'
import { RowsTable } from './rows-table.tsx'

const separatorNames: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' }

/** What would become of each row, and the button that makes it so. */
export function CheckCard({
  check,
  isStarting,
  onStart,
}: {
  check: GatewayImportCheck
  isStarting: boolean
  onStart(): void
}) {
  const { t } = useTranslation('import-gateways')
  const format = useFormat()
  const { counts, newGroups, ignoredColumns, encoding, separator } = check
  const wanted = (counts.new ?? 0) + (counts.again ?? 0)
  return (
    <Card title={t('look.title', { file: check.fileName })}>
      <div className={css.form}>
        <p role="status">
          {t('look.sum', {
            new: format.integer(counts.new ?? 0),
            again: format.integer(counts.again ?? 0),
            same: format.integer(counts.same ?? 0),
            problem: format.integer(counts.problem ?? 0),
          })}
        </p>
        <KeyValues
          pairs={[
            [
              t('look.readAs'),
              t('look.format', {
                encoding,
                separator: t(`separator.${separatorNames[separator] ?? 'comma'}`),
              }),
            ],
            newGroups.length === 0 ? null : [t('look.newGroups'), newGroups.join(', ')],
            ignoredColumns.length === 0 ? null : [t('look.ignored'), ignoredColumns.join(', ')],
          ]}
        />
      </div>
      <RowsTable label={t('look.rows')} rows={check.rows.map((row) => ({ ...row, what: row.verdict }))} />
      <div className={css.form}>
        <div>
          <Button variant="filled" disabled={wanted === 0} loading={isStarting} onClick={onStart}>
            {t('start', { count: wanted })}
          </Button>
        </div>
      </div>
    </Card>
  )
}
