import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Storage } from '#contract/api/retention.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './retention.module.css'
import { readBudget, writeBudget } from './retention-class-form.ts'
import { RetentionFilesTable } from './retention-files-table.tsx'
import { retentionChanged, storageQuery } from './retention-queries.ts'
import { StorageWarnings } from './retention-warnings.tsx'
import settings from './settings.module.css'

/** What readings take on the disk, how long it lasts, and the budget. */
export function StorageCard() {
  const { t } = useTranslation('settings')
  const storage = useQuery(storageQuery)
  return (
    <Card title={t('storage.title')}>
      {storage.error !== null && (
        <div className={settings.form}>
          <ErrorNote error={storage.error} onRetry={() => void storage.refetch()} />
        </div>
      )}
      {storage.data === undefined ? (
        storage.error === null && <Skeleton height={160} />
      ) : (
        <>
          <Figures storage={storage.data} />
          <div className={settings.form}>
            <StorageWarnings storage={storage.data} />
            <BudgetForm key={String(storage.data.budgetBytes)} budgetBytes={storage.data.budgetBytes} />
          </div>
          <RetentionFilesTable storage={storage.data} />
        </>
      )}
    </Card>
  )
}

function Figures({ storage }: { storage: Storage }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const { totalBytes, budgetBytes, forecast, files } = storage
  const readings = files.reduce((sum, file) => sum + file.readings, 0)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <KeyValues
      pairs={[
        [
          t('storage.used'),
          budgetBytes === null
            ? format.bytes(totalBytes)
            : t('storage.usedOf', { used: format.bytes(totalBytes), budget: format.bytes(budgetBytes) }),
        ],
        [t('storage.free'), format.bytes(storage.diskFreeBytes)],
        readings === 0
          ? null
          : [t('storage.perReading'), t('storage.bytes', { bytes: format.fixed(bytes / readings, 2) })],
        forecast.bytesPerDay === null
          ? null
          : [
              t('storage.perDay'),
              t('storage.perDayOf', {
                size: format.bytes(forecast.bytesPerDay),
                readings: format.integer(forecast.readingsPerDay ?? 0),
              }),
            ],
        [
          t('storage.unfolded'),
          t('storage.unfoldedOf', {
            count: storage.unfoldedReadings,
            shown: format.integer(storage.unfoldedReadings),
          }),
        ],
        [t('storage.horizon'), <Forecast key="forecast" storage={storage} />],
      ]}
    />
  )
}

/** "Retention holds it at about 30 GB", or "at this rate the disk lasts 41 days". */
function Forecast({ storage }: { storage: Storage }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const { bytesPerDay, daysLeft, limit, steadyBytes } = storage.forecast
  if (bytesPerDay === null) return t('storage.forecast.unknown')
  const size = format.bytes(steadyBytes ?? 0)
  if (daysLeft === null) {
    return steadyBytes === null ? t('storage.forecast.ever') : t('storage.forecast.steady', { size })
  }
  const lasts = t(`storage.forecast.${limit}`, { count: daysLeft, shown: format.integer(daysLeft) })
  return steadyBytes === null ? lasts : `${lasts} ${t('storage.forecast.steadyNeeds', { size })}`
}

function BudgetForm({ budgetBytes }: { budgetBytes: number | null }) {
  const { t, i18n } = useTranslation(['settings', 'common'])
  const [text, setText] = useState(() => writeBudget(budgetBytes, i18n.language))
  const [left, setLeft] = useState(false)
  const wanted = readBudget(text)
  const isWrong = Number.isNaN(wanted)
  const isSame = wanted === budgetBytes
  const save = useMutation({
    mutationFn: () => api.retention.update({ budgetBytes: wanted }),
    onSettled: retentionChanged,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (!isWrong && !isSame) save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate className={css.budget}>
      <TextInput
        label={t('storage.budget')}
        description={t('storage.budgetHint')}
        placeholder={t('storage.budgetNone')}
        inputMode="decimal"
        value={text}
        error={left && isWrong ? t('storage.budgetProblem') : null}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
      />
      <Button type="submit" disabled={isSame} loading={save.isPending}>
        {t('common:action.save')}
      </Button>
      <span role="status" className="sec">
        {save.isSuccess && isSame ? t('storage.saved') : ''}
      </span>
      {save.error !== null && <ErrorNote error={save.error} />}
    </form>
  )
}
