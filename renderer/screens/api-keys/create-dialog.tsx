import { Radio, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { API_KEY_DAYS, type ApiKey, type ApiKeyReach } from '#contract/api/api-keys.ts'
import type { Me } from '#contract/api/auth.ts'
import { api } from '#renderer/api/client.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { askedOf, type KeyForm, problemsOf, reachesOf, scopesFor } from './key-form.ts'
import { ScopeField } from './scope-field.tsx'
import { keysChanged } from './use-api-keys.ts'

const choices = [30, 90, API_KEY_DAYS, null] as const

/** What for, how far, what it may do, how long. */
export function CreateDialog(props: {
  me: Me
  onMade(result: { key: ApiKey; secret: string }): void
  onClose(): void
}) {
  const { t } = useTranslation('api-keys')
  const { me } = props
  const { tenants, acting, several } = useTenants()
  const reaches = reachesOf(me, several)
  const [form, setForm] = useState<KeyForm>({
    name: '',
    reach: reaches[0] ?? 'own',
    tenantId: acting?.id ?? null,
    groupId: null,
    scopes: [],
    days: API_KEY_DAYS,
  })
  const [tries, setTries] = useState(0)
  const tried = tries > 0
  const fields = useFirstProblem(tries)
  const change = (part: Partial<KeyForm>) => setForm((was) => ({ ...was, ...part }))
  const problems = problemsOf(form)
  const missing = (what: (typeof problems)[number]) =>
    tried && problems.includes(what) ? t(`missing.${what}`) : null
  const offered = scopesFor(me, form.reach)
  const create = useMutation({
    mutationFn: () => api.apiKeys.create(askedOf(form)),
    async onSuccess(result) {
      await keysChanged()
      props.onMade(result)
    },
  })
  return (
    <DialogForm
      title={t('create.title')}
      button={t('create.button')}
      pending={create.isPending}
      error={create.error}
      size={640}
      onSubmit={() => {
        setTries(tries + 1)
        if (problems.length === 0) create.mutate()
      }}
      onClose={props.onClose}
    >
      <Stack gap="md" ref={fields}>
        <TextInput
          label={t('field.name')}
          description={t('field.nameHint')}
          value={form.name}
          maxLength={80}
          autoComplete="off"
          error={missing('name')}
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-autofocus
        />
        <ReachField
          reaches={reaches}
          value={form.reach}
          onChange={(reach) =>
            change({ reach, scopes: form.scopes.filter((scope) => scopesFor(me, reach).includes(scope)) })
          }
        />
        {form.reach === 'tenant' && several && acting === null && (
          <Select
            label={t('field.tenant')}
            data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
            value={form.tenantId}
            searchable={tenants.length > 6}
            error={missing('tenant')}
            onChange={(tenantId) => change({ tenantId })}
          />
        )}
        {form.reach === 'group' && (
          <ChosenGroup
            value={form.groupId}
            error={missing('group')}
            onChange={(groupId) => change({ groupId })}
          />
        )}
        <ScopeField
          offered={offered}
          value={form.scopes}
          error={missing('scopes')}
          onChange={(scopes) => change({ scopes })}
        />
        <Select
          label={t('field.expires')}
          description={form.days === null ? t('field.neverHint') : undefined}
          data={choices.map((days) => ({
            value: String(days),
            label:
              days === null ? t('never') : days === API_KEY_DAYS ? t('year') : t('days', { count: days }),
          }))}
          value={String(form.days)}
          allowDeselect={false}
          onChange={(value) => change({ days: choices.find((days) => String(days) === value) ?? null })}
        />
      </Stack>
    </DialogForm>
  )
}

/** Brings what is missing into sight after each try: the form is longer than its dialog. */
function useFirstProblem(tries: number) {
  const fields = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (tries === 0) return
    const problem = fields.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')
    problem?.scrollIntoView({ block: 'center' })
    problem?.focus({ preventScroll: true })
  }, [tries])
  return fields
}

function ReachField(props: {
  reaches: readonly ApiKeyReach[]
  value: ApiKeyReach
  onChange(reach: ApiKeyReach): void
}) {
  const { t } = useTranslation('api-keys')
  const { several } = useTenants()
  if (props.reaches.length < 2) return null
  return (
    <Radio.Group label={t('field.reach')} value={props.value} onChange={(reach) => props.onChange(reach)}>
      <Stack gap="xs" mt={4}>
        {props.reaches.map((reach) => (
          <Radio
            key={reach}
            value={reach}
            label={t(reach === 'tenant' && !several ? 'reach.all' : `reach.${reach}`)}
            description={reach === 'group' ? t('reach.groupHint') : undefined}
          />
        ))}
      </Stack>
    </Radio.Group>
  )
}

function ChosenGroup(props: {
  value: string | null
  error: string | null
  onChange(groupId: string | null): void
}) {
  const { t } = useTranslation('api-keys')
  const groups = useGroups().list ?? []
  if (groups.length === 0) return <p className="sec">{t('field.noGroups')}</p>
  return <GroupSelect label={t('field.group')} groups={groups} {...props} />
}
