import { Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '#contract/api/auth.ts'
import type { MqttClient, MqttCredentials } from '#contract/api/mqtt-clients.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { NameField, ReachField, RightsField, TopicsField } from './client-fields.tsx'
import {
  askedOf,
  type ClientForm,
  type CredentialsKind,
  newForm,
  type Problem,
  problemsOf,
  reachesWhole,
  rightsFor,
} from './client-form.ts'
import { mqttClientsChanged } from './use-mqtt-clients.ts'

const lives = [30, 90, 365, null] as const
const kinds: readonly CredentialsKind[] = ['password', 'certificate', 'both']

/** What for, how far, what it may do, how it signs in, how long. */
export function CreateDialog(props: {
  me: Me
  onMade(given: { client: MqttClient; credentials: MqttCredentials }): void
  onClose(): void
}) {
  const { t } = useTranslation('mqtt-clients')
  const { me } = props
  const { tenants, acting, several } = useTenants()
  const [form, setForm] = useState<ClientForm>(() =>
    newForm(me, several ? (acting?.id ?? null) : (tenants[0]?.id ?? null)),
  )
  const [tries, setTries] = useState(0)
  const fields = useFirstProblem(tries)
  const whole = reachesWhole(me)
  const change = (part: Partial<ClientForm>) => setForm((was) => ({ ...was, ...part }))
  const problems = problemsOf(form, { whole })
  const told = (what: Problem) => (tries > 0 && problems.includes(what) ? t(`problem.${what}`) : null)
  const create = useMutation({
    mutationFn: () => api.mqttClients.create(askedOf(form)),
    async onSuccess(given) {
      await mqttClientsChanged()
      props.onMade(given)
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
        <NameField form={form} error={told('name')} onChange={change} />
        <ReachField
          form={form}
          whole={whole}
          errors={{ tenant: told('tenant'), group: told('group') }}
          onChange={change}
        />
        <RightsField form={form} offered={rightsFor(me)} onChange={change} />
        <Select
          label={t('field.sign')}
          description={t(`signHint.${form.credentials}`)}
          data={kinds.map((value) => ({ value, label: t(`sign.${value}`) }))}
          value={form.credentials}
          allowDeselect={false}
          onChange={(kind) => change({ credentials: kinds.find((one) => one === kind) ?? 'password' })}
        />
        <TopicsField form={form} error={told('topics')} onChange={change} />
        <TextInput
          label={t('field.username')}
          description={t('field.usernameHint')}
          value={form.username}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          error={told('username')}
          onChange={(event) => change({ username: event.currentTarget.value.trim() })}
        />
        <Select
          label={t('field.expires')}
          data={lives.map((days) => ({
            value: String(days),
            label: days === null ? t('never') : days === 365 ? t('year') : t('days', { count: days }),
          }))}
          value={String(form.days)}
          allowDeselect={false}
          onChange={(value) => change({ days: lives.find((days) => String(days) === value) ?? null })}
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
    const problem = fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    problem?.scrollIntoView({ block: 'center' })
    problem?.focus({ preventScroll: true })
  }, [tries])
  return fields
}
