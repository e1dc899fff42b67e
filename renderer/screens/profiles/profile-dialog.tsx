import { Group, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { credentialKinds } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { profilesChanged } from '#renderer/api/use-profiles.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { DialectSelect } from '#renderer/ui/dialect-select.tsx'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { fieldsOf, formOf, type ProfileForm, type ProfileProblem, problemsOf } from './profile-form.ts'

/** A new profile, or another look at one: what follows the change is said beside each field. */
export function ProfileDialog(props: {
  profile: GatewayProfile | null
  onDone(profile: GatewayProfile): void
  onClose(): void
}) {
  const { t, i18n } = useTranslation(['profiles', 'connection', 'common'])
  const { language } = i18n
  const { profile } = props
  const { tenants, several, acting } = useTenants()
  const asksTenant = profile === null && several && acting === null
  const [form, setForm] = useState(() => formOf(profile, acting?.slug ?? null, language))
  const [tried, setTried] = useState(false)
  const problems = problemsOf(form, asksTenant, language)
  const change = (part: Partial<ProfileForm>) => setForm((was) => ({ ...was, ...part }))
  const errorOf = (problem: ProfileProblem) =>
    tried && problems.includes(problem) ? t(`problem.${problem}`) : null
  const save = useMutation({
    mutationFn: () =>
      profile === null
        ? api.profiles.create({
            ...fieldsOf(form, language),
            ...(form.tenant !== null && { tenant: form.tenant }),
          })
        : api.profiles.update({ profile: profile.id, version: profile.version, ...fieldsOf(form, language) }),
    async onSuccess(saved) {
      await profilesChanged()
      props.onDone(saved)
    },
    // Somebody else changed it: what is there now is shown behind the dialog.
    onError: () => void profilesChanged(),
  })
  return (
    <DialogForm
      title={profile === null ? t('create.title') : t('edit.title', { name: profile.name })}
      button={t(profile === null ? 'create.button' : 'common:action.save')}
      pending={save.isPending}
      error={save.error}
      size={560}
      onSubmit={() => {
        setTried(true)
        if (problems.length === 0) save.mutate()
      }}
      onClose={props.onClose}
    >
      <TextInput
        label={t('column.name')}
        description={t('field.nameHint')}
        value={form.name}
        maxLength={100}
        error={errorOf('name_empty')}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      {asksTenant && (
        <Select
          label={t('column.tenant')}
          data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
          value={form.tenant}
          error={errorOf('tenant_empty')}
          onChange={(tenant) => change({ tenant })}
        />
      )}
      <DialectSelect
        label={t('column.dialect')}
        description={t('field.dialectHint')}
        value={form.dialect}
        onChange={(dialect) => change({ dialect: dialect ?? 'canonical' })}
      />
      <Select
        label={t('column.credential')}
        description={t('field.credentialHint')}
        data={credentialKinds.map((kind) => ({
          value: kind,
          label: t(`connection:credentialIs.${kind}.title`),
        }))}
        value={form.credential}
        onChange={(value) =>
          change({ credential: credentialKinds.find((kind) => kind === value) ?? form.credential })
        }
        allowDeselect={false}
      />
      {form.credential !== 'secret' && (
        <Select
          label={t('field.key')}
          data={(['ec', 'rsa'] as const).map((key) => ({ value: key, label: t(`field.keys.${key}`) }))}
          value={form.keyAlgorithm}
          onChange={(value) => change({ keyAlgorithm: value === 'rsa' ? 'rsa' : 'ec' })}
          allowDeselect={false}
        />
      )}
      <Group grow align="flex-start">
        <TextInput
          label={t('column.rate')}
          description={t('field.rateHint')}
          placeholder={t('field.rateDefault')}
          inputMode="decimal"
          value={form.rate}
          error={errorOf('rate_invalid')}
          onChange={(event) => change({ rate: event.currentTarget.value })}
        />
        <TextInput
          label={t('field.burst')}
          description={t('field.burstHint')}
          inputMode="numeric"
          value={form.burst}
          error={errorOf('burst_invalid')}
          onChange={(event) => change({ burst: event.currentTarget.value })}
        />
      </Group>
      <TextInput
        label={t('column.devices')}
        description={t('field.devicesHint')}
        inputMode="numeric"
        value={form.maxDevices}
        error={errorOf('devices_invalid')}
        onChange={(event) => change({ maxDevices: event.currentTarget.value })}
      />
      {profile !== null && profile.gateways > 0 && (
        <p className="sec small">{t('edit.follows', { count: profile.gateways })}</p>
      )}
    </DialogForm>
  )
}
