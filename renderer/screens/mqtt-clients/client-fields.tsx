import { Radio, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { MqttRights } from '#contract/api/mqtt-clients.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import type { ClientForm } from './client-form.ts'

interface FieldProps {
  form: ClientForm
  onChange(part: Partial<ClientForm>): void
}

export function NameField({ form, error, onChange }: FieldProps & { error: string | null }) {
  const { t } = useTranslation('mqtt-clients')
  return (
    <TextInput
      label={t('field.name')}
      description={t('field.nameHint')}
      value={form.name}
      maxLength={80}
      autoComplete="off"
      error={error}
      onChange={(event) => onChange({ name: event.currentTarget.value })}
      data-autofocus
    />
  )
}

/** Which gateways: the whole tenant, or a group of it with all below. Those of one person say nothing of it. */
export function ReachField({
  form,
  errors,
  whole,
  fixedTenant = false,
  onChange,
}: FieldProps & {
  errors: { tenant: string | null; group: string | null }
  whole: boolean
  fixedTenant?: boolean
}) {
  const { t } = useTranslation('mqtt-clients')
  const { tenants, acting, several } = useTenants()
  const groups = (useGroups().list ?? []).filter(
    ({ tenantId }) => form.tenantId === null || tenantId === form.tenantId,
  )
  const asksTenant = several && acting === null && whole && !fixedTenant
  return (
    <>
      {asksTenant && (
        <Select
          label={t('field.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.tenantId}
          searchable={tenants.length > 6}
          error={errors.tenant}
          onChange={(tenantId) => onChange({ tenantId, groupId: null })}
        />
      )}
      {(groups.length > 0 || !whole) && (!asksTenant || form.tenantId !== null) && (
        <GroupSelect
          label={t('field.group')}
          description={t('field.groupHint')}
          groups={groups}
          value={form.groupId}
          {...(whole && { none: t('reach.all') })}
          error={errors.group}
          onChange={(groupId) => onChange({ groupId })}
        />
      )}
    </>
  )
}

export function RightsField({ form, offered, onChange }: FieldProps & { offered: readonly MqttRights[] }) {
  const { t } = useTranslation('mqtt-clients')
  return (
    <Radio.Group label={t('field.rights')} value={form.rights} onChange={(rights) => onChange({ rights })}>
      <Stack gap="xs" mt={4}>
        {offered.map((rights) => (
          <Radio
            key={rights}
            value={rights}
            label={t(`rights.${rights}`)}
            description={t(`rightsHint.${rights}`)}
          />
        ))}
      </Stack>
    </Radio.Group>
  )
}

export function TopicsField({ form, error, onChange }: FieldProps & { error: string | null }) {
  const { t } = useTranslation('mqtt-clients')
  return (
    <Textarea
      label={t('field.topics')}
      description={t('field.topicsHint')}
      placeholder="mw/+/telemetry"
      value={form.topics}
      autosize
      minRows={2}
      maxRows={6}
      spellCheck={false}
      error={error}
      onChange={(event) => onChange({ topics: event.currentTarget.value })}
    />
  )
}
