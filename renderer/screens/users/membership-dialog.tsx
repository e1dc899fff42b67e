import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Membership, User } from '#contract/api/users.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { MembershipFields } from './membership-fields.tsx'
import { formOf, type MembershipForm, membershipOf, problemsOf } from './membership-form.ts'
import { usersChanged } from './use-users.ts'

/** What a person is in a tenant; without `membership`, in one more. */
export function MembershipDialog(props: { user: User; membership: Membership | null; onClose(): void }) {
  const { t } = useTranslation(['users', 'common'])
  const { user, membership } = props
  const { acting } = useTenants()
  const [form, setForm] = useState<MembershipForm>(() =>
    membership === null
      ? { tenantId: acting?.id ?? null, role: 'viewer', reach: 'tenant', groups: [] }
      : formOf(membership),
  )
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: () => api.users.setMembership({ userId: user.id, ...membershipOf(form) }),
    async onSuccess() {
      await usersChanged()
      props.onClose()
    },
  })
  return (
    <DialogForm
      title={t(membership === null ? 'membership.addTitle' : 'membership.title', { name: user.name })}
      button={t('common:action.save')}
      pending={save.isPending}
      error={save.error}
      onSubmit={() => {
        setTried(true)
        if (problemsOf(form).length === 0) save.mutate()
      }}
      onClose={props.onClose}
    >
      <MembershipFields
        form={form}
        tried={tried}
        isFixed={membership !== null}
        onChange={(part) => setForm((was) => ({ ...was, ...part }))}
      />
      <p className="sec">{t('membership.atOnce')}</p>
    </DialogForm>
  )
}

/** Out of a tenant; an account that is nowhere then goes with it. */
export function RemoveMembershipDialog(props: { user: User; membership: Membership; onClose(): void }) {
  const { t } = useTranslation('users')
  const { several } = useTenants()
  const { user, membership } = props
  const remove = useMutation({
    mutationFn: () => api.users.removeMembership({ userId: user.id, tenant: membership.tenantId }),
    async onSuccess() {
      await usersChanged()
      props.onClose()
    },
  })
  return (
    <DialogForm
      title={t(several ? 'removeMembership.title' : 'removeMembership.titleAlone', {
        name: user.name,
        tenant: membership.tenantName,
      })}
      button={t('removeMembership.button')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={props.onClose}
    >
      <p>{t('removeMembership.text')}</p>
    </DialogForm>
  )
}
