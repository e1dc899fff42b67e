import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { CheckCard } from './check-card.tsx'
import { FileCard } from './file-card.tsx'
import css from './import-gateways.module.css'
import type { ImportChoices } from './import-search.ts'
import { ResultCard } from './result-card.tsx'
import { useGatewayImport } from './use-import.ts'

/** Many gateways from a CSV file: a look at each row, one job, one download. The job stands in the address. */
export function ImportGatewaysScreen() {
  const { t } = useTranslation('import-gateways')
  const may = useMay('gateways:write')
  const navigate = useNavigate()
  const search: { job?: unknown } = useSearch({ strict: false })
  const jobId = typeof search.job === 'string' ? search.job : null
  const show = (job: string | undefined) => void navigate({ to: '/fleet/import', search: { job } })
  return (
    <Page
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
      actions={jobId !== null && <Button onClick={() => show(undefined)}>{t('another')}</Button>}
    >
      {!may ? (
        <Empty title={t('forbidden.title')} text={t('forbidden.text')} />
      ) : (
        <div className={css.stack}>
          {jobId === null ? (
            <Steps onStarted={show} />
          ) : (
            <ResultCard key={jobId} jobId={jobId} onJob={show} />
          )}
        </div>
      )}
    </Page>
  )
}

function Steps({ onStarted }: { onStarted(jobId: string): void }) {
  const { acting } = useTenants()
  const [choices, setChoices] = useState<ImportChoices>({
    tenant: acting?.id ?? null,
    group: null,
    profile: null,
    createGroups: false,
  })
  const { check, start } = useGatewayImport(onStarted)
  // Another file or another choice: what was found out holds no more.
  const forget = () => {
    check.reset()
    start.reset()
  }
  const error = check.error ?? start.error
  return (
    <>
      <FileCard
        choices={choices}
        isChecking={check.isPending}
        onChanged={forget}
        onChoices={(next) => {
          setChoices(next)
          forget()
        }}
        onCheck={(file) => check.mutate({ file, choices })}
      />
      {error !== null && <ErrorNote error={error} />}
      {check.data !== undefined && (
        <CheckCard check={check.data} isStarting={start.isPending} onStart={() => start.mutate(choices)} />
      )}
    </>
  )
}
