import { Button, FileInput, Group, Modal, Select, SimpleGrid, Stack } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { hasEnded } from '#contract/model/job.ts'
import { ImportReportSchema } from '#contract/model/telemetry-file.ts'
import { api } from '#renderer/api/client.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { useJob } from '#renderer/api/jobs-store.ts'
import { uploadFile } from '#renderer/api/upload-file.ts'
import { showJobs } from '#renderer/app/jobs-panel-state.ts'
import { ImportReportView } from '#renderer/ui/import-report.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { emptyForm, type ImportForm, optionsOf } from './import-form.ts'

/** History from a CSV file, in two steps: what the file holds, and only then the import. */
export function ImportDialog({ gateway, onClose }: { gateway: Gateway; onClose(): void }) {
  const { t } = useTranslation(['import', 'common'])
  useFocusBack()
  const steps = useImport(gateway)
  const { file, form, report } = steps
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (report === null) void steps.check()
    else void steps.store().then((isStarted) => isStarted && (onClose(), showJobs(true)))
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('title', { code: gateway.code })}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <FileInput
            label={t('file')}
            description={t('fileHint')}
            placeholder={t('choose')}
            accept=".csv,.txt,text/csv"
            value={file}
            onChange={steps.choose}
            data-autofocus
          />
          <Options form={form} onChange={steps.change} />
          {steps.progress !== null && (
            <div role="status" className="sec">
              {t(`progress.${steps.progress.what}`)}{' '}
              <progress
                aria-label={t(`progress.${steps.progress.what}`)}
                value={steps.progress.share}
                max={1}
              />
            </div>
          )}
          {steps.error !== null && <ErrorNote error={steps.error} />}
          {report !== null && <ImportReportView report={report} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              disabled={file === null || report?.readings === 0}
              loading={steps.progress !== null}
            >
              {report === null ? t('check') : t('import', { count: report.readings })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Options({ form, onChange }: { form: ImportForm; onChange(change: Partial<ImportForm>): void }) {
  const { t } = useTranslation('import')
  const select = (name: keyof ImportForm, values: readonly string[]) => (
    <Select
      label={t(`option.${name}`)}
      value={form[name]}
      allowDeselect={false}
      data={values.map((value) => ({ value, label: t(`${name}Name.${nameOf[value] ?? value}`) }))}
      onChange={(value) => value !== null && onChange({ [name]: value })}
    />
  )
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      {select('layout', ['auto', 'long', 'wide'])}
      {select('separator', ['auto', ',', ';', 'tab'])}
      {select('decimal', ['auto', '.', ','])}
      {select('time', ['auto', 'iso', 's', 'ms'])}
      <Select
        label={t('option.timeZone')}
        description={t('option.timeZoneHint')}
        searchable
        value={form.timeZone}
        allowDeselect={false}
        data={zones()}
        onChange={(value) => value !== null && onChange({ timeZone: value })}
      />
    </SimpleGrid>
  )
}

/** Signs have no place in keys of texts. */
const nameOf: Record<string, string> = { ',': 'comma', ';': 'semicolon', '.': 'point' }

function zones(): string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
}

/** Uploads, has the file checked, and starts the import. A change of file or options asks for another check. */
function useImport(gateway: Gateway) {
  const [file, setFile] = useState<File | null>(null)
  const [form, setForm] = useState(emptyForm)
  const [share, setShare] = useState<number | null>(null)
  const [jobId, setJobId] = useState<string | null>(null)
  const [thrown, setThrown] = useState<unknown>(null)
  /** Where the site has the file: an upload, then the job that checked it. */
  const source = useRef<string | null>(null)
  const controller = useRef(new AbortController())
  useEffect(() => () => controller.current.abort(), [])
  const job = useJob(jobId)
  const parsed = job?.state === 'done' ? ImportReportSchema.safeParse(job.result) : null
  const start = async (dryRun: boolean): Promise<string> => {
    const started = await api.telemetryFiles.startImport({
      source: source.current ?? '',
      gateway: gateway.id,
      dryRun,
      ...optionsOf(form),
    })
    source.current = started.id
    return started.id
  }
  const attempt = async (what: () => Promise<void>): Promise<boolean> => {
    setThrown(null)
    try {
      await what()
      return true
    } catch (error) {
      if (!controller.current.signal.aborted) setThrown(error)
      return false
    } finally {
      setShare(null)
    }
  }
  const isChecking = jobId !== null && (job === undefined || !hasEnded(job.state))
  const { done = 0, total = null } = job?.progress ?? {}
  return {
    file,
    form,
    report: parsed?.success === true ? parsed.data : null,
    error: thrown ?? (job?.error ? jobError(job.error) : null),
    progress:
      share !== null
        ? { what: 'uploading', share }
        : isChecking
          ? { what: 'checking', share: total === null || total === 0 ? 0 : done / total }
          : null,
    choose: (chosen: File | null) => {
      setFile(chosen)
      setJobId(null)
      source.current = null
    },
    change: (change: Partial<ImportForm>) => {
      setForm((was) => ({ ...was, ...change }))
      setJobId(null)
    },
    check: () =>
      attempt(async () => {
        if (file === null) return
        if (source.current === null) {
          setShare(0)
          source.current = await uploadFile(file, setShare, controller.current.signal)
        }
        setJobId(await start(true))
      }),
    store: () => attempt(async () => void (await start(false))),
  }
}
