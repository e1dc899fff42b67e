import { ActionIcon, Button, MultiSelect, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SignOnMapping } from '#contract/api/sign-on.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { groupOptions } from '#renderer/ui/group-select.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import css from './sign-on.module.css'
import { nextKey, type ProviderForm } from './sign-on-form.ts'
import { mappedRolesQuery } from './sign-on-queries.ts'

const reaches = ['tenant', 'groups', 'own'] as const
type MappingForm = ProviderForm['mappings'][number]

/** Which group of the provider gives which role here, the first that matches before the others. */
export function SignOnMappings(props: {
  form: ProviderForm
  problem: string | null
  onChange(part: Partial<ProviderForm>): void
}) {
  const { t } = useTranslation('sign-on')
  const { form, problem, onChange } = props
  const tenants = useSite()?.tenants ?? []
  const put = (key: number, part: Partial<SignOnMapping>) =>
    onChange({ mappings: form.mappings.map((one) => (one.key === key ? { ...one, ...part } : one)) })
  const add = () => {
    const tenantId = tenants.length === 1 ? (tenants[0]?.id ?? '') : ''
    const mapping = {
      key: nextKey(),
      group: '',
      tenantId,
      roleId: 'viewer',
      reach: 'tenant' as const,
      groupIds: [],
    }
    onChange({ mappings: [...form.mappings, mapping] })
  }
  return (
    <fieldset className={css.part}>
      <legend>{t('mappings.title')}</legend>
      <p className="small sub">{tenants.length > 1 ? t('mappings.textSeveral') : t('mappings.text')}</p>
      {form.mappings.map((mapping, index) => (
        <Mapping
          key={mapping.key}
          mapping={mapping}
          number={index + 1}
          tenants={tenants}
          onChange={(part) => put(mapping.key, part)}
          onRemove={() => onChange({ mappings: form.mappings.filter(({ key }) => key !== mapping.key) })}
        />
      ))}
      {problem !== null && <p className="small t-red">{problem}</p>}
      <div>
        <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={add}>
          {t('mappings.add')}
        </Button>
      </div>
      <TextInput
        label={t('mappings.siteAdmin')}
        description={t('mappings.siteAdminHint')}
        value={form.siteAdminGroup}
        maxLength={256}
        spellCheck={false}
        onChange={(event) => onChange({ siteAdminGroup: event.currentTarget.value })}
      />
    </fieldset>
  )
}

function Mapping(props: {
  mapping: MappingForm
  number: number
  tenants: readonly { id: string; name: string }[]
  onChange(part: Partial<SignOnMapping>): void
  onRemove(): void
}) {
  const { t } = useTranslation(['sign-on', 'common'])
  const { mapping, number, tenants, onChange } = props
  const { tenantId, roleId, reach } = mapping
  const roles = useQuery({ ...mappedRolesQuery(tenantId), enabled: tenantId !== '' }).data?.roles ?? []
  const groups = (useGroups().list ?? []).filter((group) => group.tenantId === tenantId)
  const roleOptions = roles
    .filter(({ id }) => id !== 'site_admin')
    .map(({ id, tenantId: own, name }) => ({
      value: id,
      label: own === null ? t(`common:role.${id}`) : name,
    }))
  return (
    <div className={css.mapping} role="group" aria-label={t('mappings.line', { number })}>
      <TextInput
        label={t('mappings.group')}
        value={mapping.group}
        maxLength={256}
        spellCheck={false}
        onChange={(event) => onChange({ group: event.currentTarget.value })}
      />
      {tenants.length > 1 && (
        <Select
          label={t('mappings.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={tenantId === '' ? null : tenantId}
          allowDeselect={false}
          onChange={(next) =>
            onChange({ tenantId: next ?? '', roleId: 'viewer', reach: 'tenant', groupIds: [] })
          }
        />
      )}
      <Select
        className={css.role}
        label={t('mappings.role')}
        data={roleOptions}
        value={roleId}
        allowDeselect={false}
        onChange={(next) => onChange({ roleId: next ?? '' })}
      />
      <Select
        label={t('mappings.reach')}
        data={reaches
          .filter((one) => one !== 'groups' || groups.length > 0 || reach === 'groups')
          .map((one) => ({ value: one, label: t(`mappings.of.${one}`) }))}
        value={reach}
        allowDeselect={false}
        onChange={(next) =>
          onChange({ reach: reaches.find((one) => one === next) ?? 'tenant', groupIds: [] })
        }
      />
      <ActionIcon
        className={css.remove}
        variant="subtle"
        aria-label={t('mappings.remove', { number })}
        onClick={props.onRemove}
      >
        <Icon name="trash" />
      </ActionIcon>
      {reach === 'groups' && (
        <MultiSelect
          className={css.wide}
          label={t('mappings.groups')}
          data={groupOptions(groups)}
          value={mapping.groupIds}
          searchable
          onChange={(groupIds) => onChange({ groupIds })}
        />
      )}
    </div>
  )
}
