import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenantScope, useTenants } from '#renderer/app/tenant-scope.ts'
import { DialectSelect } from '#renderer/ui/dialect-select.tsx'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import type { Becomes } from './claim-form.ts'

const NONE = ''

/** Where a person claims into when they have not said otherwise. */
export function useFirstPlace(): Becomes {
  const { tenants, acting, several } = useTenants()
  // The one that the screen is narrowed to, where it is.
  const shown = useTenantScope().tenant
  const tenant = acting?.id ?? shown?.id ?? (several ? null : (tenants[0]?.id ?? null))
  return { tenant, group: null, profile: null, dialect: null }
}

/** Whether the person's rights end at some groups, so that what they claim has to stand in one. */
export function useGroupNeeded(): boolean {
  const me = useMe()
  return me?.reach === 'groups' || me?.reach === 'own'
}

/** Tenant, group, gateway profile and dialect of what boxes become; of those that there are to choose from. */
export function BecomesFields(props: {
  form: Becomes
  problems: readonly string[]
  onChange(part: Partial<Becomes>): void
}) {
  const { t } = useTranslation('claims')
  const { tenants, several } = useTenants()
  const groups = useGroups()
  const groupNeeded = useGroupNeeded()
  const { form, problems, onChange } = props
  const profiles = (useProfiles().data ?? []).filter(({ tenant }) => tenant.id === form.tenant)
  const choices = (groups.list ?? []).filter(({ tenantId }) => tenantId === form.tenant)
  const told = (what: string) => (problems.includes(what) ? t(`problem.${what}`) : null)
  return (
    <>
      {several && (
        <Select
          label={t('field.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.tenant}
          error={told('tenant')}
          onChange={(tenant) => onChange({ tenant, group: null, profile: null })}
        />
      )}
      {choices.length > 0 && (
        <GroupSelect
          label={t('field.group')}
          groups={choices}
          value={form.group}
          error={told('group')}
          {...(!groupNeeded && { none: t('field.noGroup') })}
          onChange={(group) => onChange({ group })}
        />
      )}
      {profiles.length > 0 && (
        <Select
          label={t('field.profile')}
          data={[
            { value: NONE, label: t('field.noProfile') },
            ...profiles.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={form.profile ?? NONE}
          onChange={(profile) => onChange({ profile: profile === NONE ? null : profile })}
        />
      )}
      <DialectSelect
        label={t('field.dialect')}
        description={t('field.dialectHint')}
        value={form.dialect}
        ofProfile={t('field.ownDialect')}
        onChange={(dialect) => onChange({ dialect })}
      />
    </>
  )
}
