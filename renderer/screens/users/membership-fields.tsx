import { MultiSelect, Radio, Select, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { groupOptions } from '#renderer/ui/group-select.tsx'
import { type MembershipForm, problemsOf } from './membership-form.ts'
import { useRolesToGive } from './use-users.ts'
import { useUserWords } from './user-words.ts'

/** Tenant where there are several, role, and how far its rights go. Only what the signed-in person may give. */
export function MembershipFields(props: {
  form: MembershipForm
  /** Problems are said once the person tried. */
  tried: boolean
  /** The tenant stands already. */
  isFixed?: boolean
  onChange(part: Partial<MembershipForm>): void
}) {
  const { t } = useTranslation('users')
  const { form, tried, onChange } = props
  const { several, tenants, acting } = useTenants()
  const me = useMe()
  const words = useUserWords()
  const roles = useRolesToGive(form.tenantId)
  const groups = (useGroups().list ?? []).filter(({ tenantId }) => tenantId === form.tenantId)
  const missing = tried ? problemsOf(form) : []
  // Whose own rights end at some groups gives nothing beyond them.
  const isWhole = me?.reach === 'site' || me?.reach === 'tenant'
  return (
    <Stack gap="md">
      {several && acting === null && props.isFixed !== true && (
        <Select
          label={t('field.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.tenantId}
          searchable={tenants.length > 6}
          error={missing.includes('tenant') ? t('field.choose') : null}
          onChange={(tenantId) => onChange({ tenantId, role: null, groups: [] })}
        />
      )}
      <Select
        label={t('field.role')}
        data={roles.map(({ id, name }) => ({ value: id, label: words.role({ id, name }) }))}
        value={form.role}
        allowDeselect={false}
        error={missing.includes('role') ? t('field.choose') : null}
        onChange={(role) => onChange({ role })}
      />
      <Radio.Group label={t('field.reach')} value={form.reach} onChange={(reach) => onChange({ reach })}>
        <Stack gap="xs" mt={4}>
          {isWhole && <Radio value="tenant" label={t(several ? 'reach.tenant' : 'reach.all')} />}
          <Radio
            value="groups"
            label={t('reach.groups')}
            description={
              form.tenantId !== null && groups.length === 0 ? t('reach.noGroups') : t('reach.groupsHint')
            }
            disabled={groups.length === 0}
          />
          {isWhole && <Radio value="own" label={t('reach.own')} description={t('reach.ownHint')} />}
        </Stack>
      </Radio.Group>
      {form.reach === 'groups' && (
        <MultiSelect
          label={t('field.groups')}
          data={groupOptions(groups)}
          value={form.groups}
          searchable
          error={missing.includes('groups') ? t('field.chooseGroups') : null}
          onChange={(chosen) => onChange({ groups: chosen })}
        />
      )}
    </Stack>
  )
}
