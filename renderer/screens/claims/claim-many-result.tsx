import { Button, Group, Progress, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hasEnded } from '#contract/model/job.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { saveJobFile } from '#renderer/api/job-file.ts'
import { useJob } from '#renderer/api/jobs-store.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { type LabelledRow, LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { readManyResult } from './claim-many-report.ts'
import css from './claims.module.css'
import { claimsChanged, knocksQuery } from './use-claims.ts'

/** How far the job is, then what came of it: the boxes that were not claimed, and labels of those that were. */
export function ClaimManyResult({
  jobId,
  boxes,
  onClose,
}: {
  jobId: string
  boxes: number
  onClose(): void
}) {
  const { t } = useTranslation(['claims', 'common'])
  const format = useFormat()
  const job = useJob(jobId)
  const [labels, setLabels] = useState<readonly LabelledRow[] | null>(null)
  const done = job === undefined ? 0 : job.progress.done
  const ended = job !== undefined && hasEnded(job.state)
  const result = readManyResult(job?.result ?? null)
  const failure = job?.error ?? null
  useEffect(() => {
    if (ended) claimsChanged()
  }, [ended])
  const cancel = useMutation({ mutationFn: () => api.jobs.cancel({ jobId }) })
  const save = useMutation({
    mutationFn: async () => {
      if (job !== undefined) await saveJobFile(job, new AbortController().signal)
    },
  })
  const print = useMutation({
    mutationFn: () => claimedSince(job?.createdAt ?? 0),
    onSuccess: setLabels,
  })
  if (labels !== null) return <LabelsDialog gateways={labels} onClose={onClose} />
  return (
    <Stack gap="md">
      <p className={css.done} role="status">
        <StateMark
          mark={!ended ? 'running' : job.state === 'done' && result?.failed === 0 ? 'passed' : 'due'}
        />
        {ended
          ? t('many.done', {
              claimed: format.integer(result?.claimed ?? done),
              failed: format.integer(result?.failed ?? 0),
            })
          : t('many.running', { done: format.integer(done), all: format.integer(boxes) })}
      </p>
      {!ended && (
        <>
          <Progress value={(done / Math.max(1, boxes)) * 100} aria-label={t('many.progress')} />
          <p className="sec">{t('many.goesOn')}</p>
        </>
      )}
      {failure !== null && <ErrorNote error={jobError(failure)} />}
      {result !== null && result.failures.length > 0 && (
        <div className={css.failures} role="region" aria-label={t('many.failures')} tabIndex={0}>
          <table>
            <tbody>
              {result.failures.map(({ box, code, message }, index) => (
                // The report does not change, and boxes may share a name.
                <tr key={index}>
                  <th scope="row" className="mono">
                    {box}
                  </th>
                  <td>{t(`errors:${code}.what`, { defaultValue: message })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {[cancel, save, print].map(
        ({ error }) => error !== null && <ErrorNote key={String(error)} error={error} />,
      )}
      <Group justify="flex-end">
        {!ended && (
          <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('common:action.cancel')}
          </Button>
        )}
        {(job?.file ?? null) !== null && (
          <Button
            leftSection={<Icon name="download" />}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('many.report')}
          </Button>
        )}
        {ended && (result?.claimed ?? 0) > 0 && (
          <Button
            leftSection={<Icon name="label" />}
            loading={print.isPending}
            onClick={() => print.mutate()}
          >
            {t('many.labels')}
          </Button>
        )}
        <Button variant="filled" onClick={onClose}>
          {t('common:action.close')}
        </Button>
      </Group>
    </Stack>
  )
}

/** What was claimed since the job began: claimed ones, and those that have fetched their credential already. */
async function claimedSince(since: number): Promise<LabelledRow[]> {
  const lists = await Promise.all(
    (['claimed', 'delivered'] as const).map((state) => queryClient.fetchQuery(knocksQuery(state, null))),
  )
  return lists
    .flatMap(({ knocks }) => knocks)
    .flatMap(({ gateway, claimedAt }) =>
      gateway !== null && claimedAt !== null && claimedAt.getTime() >= since
        ? [{ id: gateway.id, code: gateway.code }]
        : [],
    )
    .toSorted((a, b) => a.code.localeCompare(b.code, undefined, { numeric: true }))
}
