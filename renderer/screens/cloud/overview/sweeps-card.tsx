import { Button, Group, Modal, Progress, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus, CloudSweep } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import own from './overview.module.css'

/** Passes over stored readings: history, gaps, comparisons. */
export function SweepsCard({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  if (status.sweeps.length === 0) return null
  return (
    <Card title={t('sweeps.title')}>
      <SweepList status={status} />
    </Card>
  )
}

export function SweepList({ status }: { status: CloudStatus }) {
  const [cancelled, setCancelled] = useState<CloudSweep | null>(null)
  const several = status.tenants.length > 1
  const nameOf = (id: string | null) =>
    several ? (status.tenants.find(({ tenantId }) => tenantId === id)?.name ?? null) : null
  return (
    <>
      <ul className={own.sweeps}>
        {status.sweeps.map((sweep) => (
          <Sweep
            key={sweep.id}
            sweep={sweep}
            name={nameOf(sweep.tenantId)}
            onCancel={() => setCancelled(sweep)}
          />
        ))}
      </ul>
      {cancelled !== null && <CancelDialog sweep={cancelled} onClose={() => setCancelled(null)} />}
    </>
  )
}

function Sweep({ sweep, name, onCancel }: { sweep: CloudSweep; name: string | null; onCancel(): void }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { total, sent, endedAt } = sweep
  const share = endedAt !== null ? 1 : total === null || total === 0 ? null : Math.min(1, sent / total)
  const title = t(`sweeps.kind.${sweep.kind}`)
  const range = useRangeWords(sweep)
  return (
    <li>
      <div className={own.sweepHead}>
        <b>{name === null ? title : `${title}: ${name}`}</b>
        <span className="sub small">{range}</span>
        {endedAt === null ? (
          <Button
            size="xs"
            className="push"
            onClick={onCancel}
            aria-label={t('sweeps.cancelOf', { what: title })}
          >
            {t('sweeps.cancel')}
          </Button>
        ) : (
          <span className="sub small push" title={format.dateTime(endedAt)}>
            {t('sweeps.ended')}
          </span>
        )}
      </div>
      {endedAt === null && (
        <Progress
          value={share === null ? 100 : share * 100}
          animated={share === null}
          size={6}
          aria-label={title}
        />
      )}
      <p className="sub small">
        {total === null
          ? t('sweeps.sent', { count: sent, shown: format.integer(sent) })
          : t('sweeps.sentOf', {
              count: total,
              sent: format.integer(sent),
              total: format.integer(total),
              share: format.percent(share ?? 0),
            })}
        {sweep.kind === 'resync' && <Compared sweep={sweep} />}
      </p>
    </li>
  )
}

function Compared({ sweep }: { sweep: CloudSweep }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { compared, mended, onlyThere, onlyThereDays, newerThere } = sweep
  const words = [
    t('sweeps.compared', { count: compared, shown: format.integer(compared) }),
    t('sweeps.mended', { count: mended, shown: format.integer(mended) }),
    ...(onlyThere === 0
      ? []
      : [
          t('sweeps.onlyThere', {
            count: onlyThere,
            shown: format.integer(onlyThere),
            days: t('sweeps.days', { count: onlyThereDays, shown: format.integer(onlyThereDays) }),
          }),
        ]),
    ...(newerThere === 0
      ? []
      : [t('sweeps.newerThere', { count: newerThere, shown: format.integer(newerThere) })]),
  ]
  return <>{` · ${words.join(' · ')}`}</>
}

function useRangeWords({ fromTs, toTs }: CloudSweep): string {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  if (fromTs === null && toTs === null) return t('sweeps.everything')
  if (toTs === null) return t('sweeps.since', { from: format.dateTime(fromTs ?? 0) })
  if (fromTs === null) return t('sweeps.until', { to: format.dateTime(toTs) })
  return `${format.dateTime(fromTs)} – ${format.dateTime(toTs)}`
}

function CancelDialog({ sweep, onClose }: { sweep: CloudSweep; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  useFocusBack()
  const cancel = useMutation({
    mutationFn: () => api.cloud.cancelSweep({ sweepId: sweep.id }),
    onSuccess: onClose,
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('sweeps.cancelTitle')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t(`sweeps.lose.${sweep.kind}`)}</p>
        {cancel.error !== null && <ErrorNote error={cancel.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('sweeps.goOn')}</Button>
          <Button variant="filled" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('sweeps.cancel')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
