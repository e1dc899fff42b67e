import { Button, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { normalizeMac } from '#contract/model/ids.ts'
import { api, queryClient, readError, useErrorText } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { useMe, useSite } from '#renderer/api/use-session.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './add-gateway.module.css'
import { fieldOfError, type GatewayForm, nextCode, problemsOf, requestOf } from './gateway-form.ts'
import { HowCard } from './how-card.tsx'
import type { ProvisionedGateway } from './provisioned.tsx'

const empty: GatewayForm = {
  mac: '',
  code: '',
  name: '',
  tenant: '',
  group: null,
  profile: null,
  key: 'ec',
  credential: null,
  dialect: 'canonical',
}

/** The questions; each is checked as one leaves it, and what the site refuses is said beside its field. */
export function GatewayQuestions({
  onMade,
  initial = empty,
}: {
  onMade(gateway: ProvisionedGateway): void
  initial?: GatewayForm
}) {
  const { t } = useTranslation(['add-gateway', 'common'])
  const errorText = useErrorText()
  const site = useSite()
  const fleet = useFleet()
  const several = (site?.tenants.length ?? 1) > 1
  const [form, setForm] = useState(initial)
  const [left, setLeft] = useState<ReadonlySet<keyof GatewayForm>>(new Set())
  const suggestion = fleet.ready ? nextCode(fleet.rows.map((row) => row.code)) : ''
  const me = useMe()
  const groups = useGroups()
  const tenantId = several ? site?.tenants.find(({ slug }) => slug === form.tenant)?.id : site?.tenants[0]?.id
  const choices = (groups.list ?? []).filter((group) => group.tenantId === tenantId)
  const profiles = (useProfiles().data ?? []).filter(({ tenant }) => tenant.id === tenantId)
  // Who has rights over some groups adds gateways to these.
  const isPart = me?.reach === 'groups' || me?.reach === 'own'
  const problems = problemsOf(form, several, isPart)
  // The same key for the same answers: a second press after a lost link gives the same gateway.
  const idempotency = useRef({ request: '', key: '' })
  const provision = useMutation({
    mutationFn: async () => {
      const input = requestOf(form)
      const request = JSON.stringify(input)
      if (idempotency.current.request !== request) idempotency.current = { request, key: newKey() }
      return await api.gateways.provision(input, { context: { idempotencyKey: idempotency.current.key } })
    },
    onSuccess(made) {
      // Of one enrolled again an older answer would say that its key is gone.
      queryClient.removeQueries({ queryKey: ['gateway', made.gateway_id] })
      onMade({
        id: made.gateway_id,
        mac: made.mac_address,
        code: made.code,
        label: made.label,
        name: form.name.trim(),
        credential:
          made.certificate_pem === null ? 'secret' : form.credential === 'both' ? 'both' : 'certificate',
        secret: made.certificate_pem === null ? made.mqtt_password : null,
        expiresAt: made.expires_at,
      })
    },
  })
  const refused = provision.error === null ? null : readError(provision.error).code
  const refusedField = refused === null ? undefined : fieldOfError[refused]
  const errorOf = (field: keyof GatewayForm) => {
    const problem = problems[field]
    if (left.has(field) && problem !== undefined) return t(`problem.${problem}`)
    if (refusedField !== field || provision.error === null) return null
    const { what, todo } = errorText(provision.error)
    return `${what}. ${todo}`.replace('..', '.')
  }
  const change = (next: Partial<GatewayForm>) => {
    // What was refused was about the answer before.
    if (provision.isError) provision.reset()
    setForm((was) => ({ ...was, ...next }))
  }
  const leave = (field: keyof GatewayForm) => () => setLeft((was) => new Set(was).add(field))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(new Set(['mac', 'code', 'name', 'tenant', 'group']))
    if (Object.keys(problems).length === 0) provision.mutate()
  }
  const mac = normalizeMac(form.mac)
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Card title={t('who.title')}>
        <div className={css.fields}>
          <TextInput
            label={t('mac.label')}
            description={t('mac.hint')}
            placeholder="aa:bb:cc:dd:ee:ff"
            value={form.mac}
            error={errorOf('mac')}
            onChange={(event) => change({ mac: event.currentTarget.value })}
            onBlur={() => {
              leave('mac')()
              if (mac !== null) change({ mac })
            }}
            classNames={{ input: 'mono' }}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            autoFocus
          />
          <p className={css.read} role="status">
            {mac === null || mac === form.mac.trim() ? '' : t('mac.read', { mac })}
          </p>
          <TextInput
            label={t('code.label')}
            description={t(several ? 'code.hintSeveral' : 'code.hint')}
            placeholder={suggestion}
            value={form.code}
            error={errorOf('code')}
            onChange={(event) => change({ code: event.currentTarget.value })}
            onBlur={leave('code')}
            autoComplete="off"
            rightSectionWidth={96}
            rightSection={
              form.code === '' &&
              suggestion !== '' && (
                <button
                  type="button"
                  className="link-button small"
                  onClick={() => change({ code: suggestion })}
                >
                  {t('code.use', { code: suggestion })}
                </button>
              )
            }
          />
          <TextInput
            label={t('name.label')}
            description={t('name.hint')}
            placeholder={t('name.example')}
            value={form.name}
            error={errorOf('name')}
            onChange={(event) => change({ name: event.currentTarget.value })}
            onBlur={leave('name')}
          />
          {several && (
            <Select
              label={t('tenant.label')}
              description={t('tenant.hint')}
              placeholder={t('tenant.choose')}
              value={form.tenant === '' ? null : form.tenant}
              error={errorOf('tenant')}
              onChange={(tenant) =>
                change({
                  tenant: tenant ?? '',
                  group: null,
                  profile: null,
                  dialect: form.dialect ?? 'canonical',
                })
              }
              onBlur={leave('tenant')}
              data={(site?.tenants ?? []).map((tenant) => ({ value: tenant.slug, label: tenant.name }))}
            />
          )}
          {(choices.length > 0 || isPart) && (
            <GroupSelect
              label={t('group.label')}
              description={t('group.hint')}
              groups={choices}
              value={form.group}
              {...(!isPart && { none: t('group.none') })}
              error={errorOf('group')}
              onChange={(group) => change({ group })}
            />
          )}
        </div>
      </Card>
      <HowCard form={form} profiles={profiles} dialectError={errorOf('dialect')} onChange={change} />
      {provision.error !== null && refusedField === undefined && (
        <div className={css.wide}>
          <ErrorNote error={provision.error} />
        </div>
      )}
      <div className={`${css.foot} ${css.wide}`}>
        <span className="sub">{t('next')}</span>
        <Button component={Link} to="/fleet">
          {t('common:action.cancel')}
        </Button>
        <Button type="submit" variant="filled" loading={provision.isPending}>
          {t('submit')}
        </Button>
      </div>
    </form>
  )
}

/** `crypto.randomUUID` is missing where the page came over plain HTTP from another machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
