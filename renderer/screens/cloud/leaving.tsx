import { Button, Progress } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CloudDeleted, CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './cloud.module.css'
import { StateBanner } from './overview/state-banner.tsx'
import type { Remedy } from './state-words.ts'

/** What is left of a link while what was sent is being deleted there. */
export function Leaving({
  status,
  deleted,
  onRemedy,
}: {
  status: CloudStatus
  deleted: CloudDeleted
  onRemedy(remedy: Remedy): void
}) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const sent = status.tenants.reduce((sum, { readingsSent }) => sum + readingsSent, 0)
  const done = sent === 0 ? 100 : Math.min(100, (deleted.deletedReadings / sent) * 100)
  const end = useMutation({ mutationFn: () => api.cloud.leave({ deleteSent: false }) })
  return (
    <div className={css.stack}>
      <StateBanner status={status} onRemedy={onRemedy} />
      <Card title={t('leaving.title')}>
        <div className={css.form}>
          <p>
            {t('leaving.progress', {
              readings: format.integer(deleted.deletedReadings),
              sent: format.integer(sent),
              objects: format.integer(deleted.deletedObjects),
            })}
          </p>
          <Progress value={done} aria-label={t('leaving.title')} />
          <p className="sec">{t('leaving.end')}</p>
          {end.error !== null && <ErrorNote error={end.error} />}
          <div className={css.row}>
            <Button color="red" loading={end.isPending} onClick={() => end.mutate()}>
              {t('leaving.endNow')}
            </Button>
          </div>
        </div>
      </Card>
    </div>
  )
}
