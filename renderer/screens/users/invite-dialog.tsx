import { Checkbox, Radio, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry, User } from '#contract/api/users.ts'
import { api } from '#renderer/api/client.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { MembershipFields } from './membership-fields.tsx'
import { type MembershipForm, membershipOf, problemsOf } from './membership-form.ts'
import { usersChanged } from './use-users.ts'

/** Who, as what, where, and how they come in. */
export function InviteDialog(props: {
  onInvited(result: { user: User; entry: Entry }): void
  onClose(): void
}) {
  const { t } = useTranslation('users')
  const me = useMe()
  const { tenants, acting } = useTenants()
  const only = acting ?? (tenants.length === 1 ? tenants[0] : undefined)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [how, setHow] = useState<Entry['how']>('link')
  const [siteAdmin, setSiteAdmin] = useState(false)
  const [form, setForm] = useState<MembershipForm>({
    tenantId: only?.id ?? null,
    role: 'viewer',
    reach: me?.reach === 'groups' || me?.reach === 'own' ? 'groups' : 'tenant',
    groups: [],
  })
  const [left, setLeft] = useState(false)
  const [tried, setTried] = useState(false)
  const isAddress = /^\S+@\S+$/.test(email.trim())
  const invite = useMutation({
    mutationFn: () =>
      api.users.invite({
        email: email.trim(),
        how,
        ...(name.trim() === '' ? {} : { name: name.trim() }),
        ...(siteAdmin ? { siteAdmin } : membershipOf(form)),
      }),
    async onSuccess(result) {
      await usersChanged()
      props.onInvited(result)
    },
  })
  return (
    <DialogForm
      title={t('invite.title')}
      button={t('invite.button')}
      pending={invite.isPending}
      error={invite.error}
      size={480}
      onSubmit={() => {
        setTried(true)
        setLeft(true)
        if (isAddress && (siteAdmin || problemsOf(form).length === 0)) invite.mutate()
      }}
      onClose={props.onClose}
    >
      <TextInput
        label={t('field.email')}
        type="email"
        value={email}
        maxLength={254}
        autoComplete="off"
        error={left && !isAddress ? t('field.emailInvalid') : null}
        onChange={(event) => setEmail(event.currentTarget.value)}
        onBlur={() => setLeft(email !== '')}
        data-autofocus
      />
      <TextInput
        label={t('field.name')}
        description={t('field.nameHint')}
        value={name}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {me?.ofSite === true && (
        <Checkbox
          label={t('field.siteAdmin')}
          description={t('field.siteAdminHint')}
          checked={siteAdmin}
          onChange={(event) => setSiteAdmin(event.currentTarget.checked)}
        />
      )}
      {!siteAdmin && (
        <MembershipFields
          form={form}
          tried={tried}
          onChange={(part) => setForm((was) => ({ ...was, ...part }))}
        />
      )}
      <HowField value={how} onChange={setHow} />
    </DialogForm>
  )
}

/** By a link, or by a password for the first sign-in. */
export function HowField({ value, onChange }: { value: Entry['how']; onChange(how: Entry['how']): void }) {
  const { t } = useTranslation('users')
  return (
    <Radio.Group label={t('how.label')} value={value} onChange={onChange}>
      <Stack gap="xs" mt={4}>
        <Radio value="link" label={t('how.link')} description={t('how.linkHint')} />
        <Radio value="one_time_password" label={t('how.password')} description={t('how.passwordHint')} />
      </Stack>
    </Radio.Group>
  )
}
