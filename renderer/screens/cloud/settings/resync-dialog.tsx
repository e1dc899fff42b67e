import { Button, Group, Modal, MultiSelect, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { parseLocal, toLocal } from '#renderer/charts/local-time.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from '../cloud.module.css'

const DAY = 86_400_000
const ranges = ['all', 'day', 'week', 'month', 'own'] as const
type Range = (typeof ranges)[number]
const spans: Partial<Record<Range, number>> = { day: DAY, week: 7 * DAY, month: 30 * DAY }

/** As many as the contract takes. */
const MOST_CHANNELS = 1_000
/** As many as are shown at once; typing finds the others. */
const SHOWN_CHANNELS = 100

/** Which readings are compared with the cloud's, and mended where they differ. */
export function ResyncDialog({ status, onClose }: { status: CloudStatus; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  useFocusBack()
  const sent = status.tenants.filter(({ mode }) => mode === 'telemetry')
  const [range, setRange] = useState<Range>('week')
  const [own, setOwn] = useState(() => ({ from: toLocal(siteNow() - DAY), to: toLocal(siteNow()) }))
  const [tenantId, setTenantId] = useState('')
  const [channelIds, setChannelIds] = useState<string[]>([])
  const channels = useChannels(sent.find((one) => one.tenantId === tenantId)?.slug)
  const span = windowOf(range, own)
  const start = useMutation({
    mutationFn: () =>
      api.cloud.resync({
        tenantId: tenantId === '' ? null : tenantId,
        channelIds: channelIds.length === 0 ? null : channelIds,
        from: span?.from ?? null,
        to: span?.to ?? null,
      }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (start.isSuccess) onClose()
    else if (span !== null) start.mutate()
  }
  return (
    <Modal
      opened
      size={560}
      onClose={onClose}
      title={t('resync.open')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <p className="sec">{t('resync.explain')}</p>
          <Select
            label={t('resync.range')}
            data={ranges.map((value) => ({ value, label: t(`resync.ranges.${value}`) }))}
            value={range}
            data-autofocus
            onChange={(value) => value !== null && setRange(value)}
          />
          {range === 'own' && (
            <div className={css.pair}>
              <TextInput
                label={t('resync.from')}
                type="datetime-local"
                step={1}
                value={own.from}
                onChange={(event) => setOwn({ ...own, from: event.currentTarget.value })}
              />
              <TextInput
                label={t('resync.to')}
                type="datetime-local"
                step={1}
                value={own.to}
                error={span === null ? t('resync.wrong') : null}
                onChange={(event) => setOwn({ ...own, to: event.currentTarget.value })}
              />
            </div>
          )}
          {sent.length > 1 && (
            <Select
              label={t('table.tenant')}
              data={[
                { value: '', label: t('resync.everyTenant') },
                ...sent.map((one) => ({ value: one.tenantId, label: one.name })),
              ]}
              value={tenantId}
              onChange={(value) => {
                setTenantId(value ?? '')
                setChannelIds([])
              }}
            />
          )}
          <MultiSelect
            label={t('resync.channels')}
            description={t('resync.channelsHint')}
            placeholder={channelIds.length === 0 ? t('resync.everyChannel') : ''}
            data={channels}
            value={channelIds}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('resync.everyChannel') }}
            limit={SHOWN_CHANNELS}
            maxValues={MOST_CHANNELS}
            onChange={setChannelIds}
          />
          {start.error !== null && <ErrorNote error={start.error} />}
          {start.isSuccess && (
            <Note tone="info" title={t('resync.started')}>
              {t('resync.startedHint')}
            </Note>
          )}
          <Group justify="flex-end">
            {!start.isSuccess && <Button onClick={onClose}>{t('common:action.cancel')}</Button>}
            <Button type="submit" variant="filled" loading={start.isPending} disabled={span === null}>
              {start.isSuccess ? t('common:action.close') : t('resync.start')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** ms; null where the times do not fit. Everything has no ends. */
function windowOf(
  range: Range,
  own: { from: string; to: string },
): { from: number | null; to: number | null } | null {
  if (range === 'all') return { from: null, to: null }
  const span = spans[range]
  if (span !== undefined) return { from: siteNow() - span, to: null }
  const from = parseLocal(own.from)
  const to = parseLocal(own.to)
  return from === null || to === null || from >= to ? null : { from, to }
}

function useChannels(tenant: string | undefined): { value: string; label: string }[] {
  const { data } = useQuery({
    queryKey: ['telemetry', 'channels', tenant ?? 'all'],
    queryFn: ({ signal }) => api.telemetry.channels(tenant === undefined ? {} : { tenant }, { signal }),
    staleTime: 60_000,
  })
  return (data?.channels ?? []).map(({ id, gatewayCode, name }) => ({
    value: id,
    label: `${gatewayCode} · ${name}`,
  }))
}
