import { Button, Group, Modal, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel } from '#contract/model/channel.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { retentionClassesQuery } from '../settings/retention-queries.ts'
import { type ChannelForm, changeOf, formOf, problemsOf } from './channel-form.ts'
import { gatewayChanged } from './use-gateway.ts'

/** Name, unit, limits and retention class of a channel; its key on the wire never changes. */
export function ChannelDialog({ channel, onClose }: { channel: Channel; onClose(): void }) {
  const { t, i18n } = useTranslation(['gateway', 'common'])
  useFocusBack()
  const [form, setForm] = useState(() => formOf(channel, i18n.language))
  const [left, setLeft] = useState<Partial<Record<keyof ChannelForm, boolean>>>({})
  const problems = problemsOf(form)
  const save = useMutation({
    mutationFn: () => api.telemetry.updateChannel({ channelId: channel.id, ...changeOf(form) }),
    onSuccess() {
      gatewayChanged(channel.gatewayId)
      onClose()
    },
  })
  const field = (name: keyof ChannelForm) => ({
    value: form[name],
    error:
      left[name] === true && problems[name] !== undefined ? t(`channel.problem.${problems[name]}`) : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setForm((was) => ({ ...was, [name]: value }))
    },
    onBlur: () => setLeft((was) => ({ ...was, [name]: true })),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft({ name: true, unit: true, low: true, high: true })
    if (Object.keys(problems).length === 0) save.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('channel.edit', { channel: channel.key })}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('channel.name')}
            description={t('channel.nameHint', { key: channel.key })}
            placeholder={channel.key}
            data-autofocus
            {...field('name')}
          />
          <TextInput
            label={t('channel.unit')}
            description={t('channel.unitHint')}
            placeholder="°C"
            {...field('unit')}
          />
          {isNumeric(channel) && (
            <SimpleGrid cols={2}>
              <TextInput
                label={t('channel.low')}
                description={t('channel.limitHint')}
                inputMode="decimal"
                {...field('low')}
              />
              <TextInput
                label={t('channel.high')}
                description={t('channel.limitHint')}
                inputMode="decimal"
                {...field('high')}
              />
            </SimpleGrid>
          )}
          <RetentionChoice
            value={form.retentionClass}
            onChange={(retentionClass) => setForm((was) => ({ ...was, retentionClass }))}
          />
          {save.error !== null && <ErrorNote error={save.error} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={save.isPending}>
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** How long its readings are kept; hidden where there is nothing to choose. */
function RetentionChoice({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { t } = useTranslation('gateway')
  const format = useFormat()
  const { several } = useTenants()
  const classes = useQuery(retentionClassesQuery).data?.classes ?? []
  if (classes.length < 2 && value === '') return null
  const options = classes.map(({ id, name, days }) => ({
    value: id,
    label:
      days === null
        ? t('channel.retentionEver', { name })
        : t('channel.retentionDays', { name, count: days, shown: format.integer(days) }),
  }))
  return (
    <Select
      label={t('channel.retention')}
      description={t('channel.retentionHint')}
      data={[
        { value: '', label: t(several ? 'channel.retentionAsTenant' : 'channel.retentionAsSite') },
        ...options,
      ]}
      value={value}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  )
}
