import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RoleInfo } from '#contract/api/roles.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { usersChanged } from '../users/use-users.ts'
import { useUserWords } from '../users/user-words.ts'

interface DialogProps {
  role: RoleInfo
  onClose(): void
}

export function DeleteRoleDialog({ role, onClose }: DialogProps) {
  const { t } = useTranslation('roles')
  const remove = useMutation({
    mutationFn: () => api.roles.delete({ roleId: role.id }),
    async onSuccess() {
      await usersChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('delete.title', { name: role.name })}
      button={t('delete.button')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t('delete.text')}</p>
    </DialogForm>
  )
}

/** Whoever has the role then needs a second factor, or none any more. */
export function SecondFactorDialog({ role, onClose }: DialogProps) {
  const { t } = useTranslation('roles')
  const words = useUserWords()
  const change = useMutation({
    mutationFn: () => api.roles.update({ roleId: role.id, secondFactor: !role.secondFactor }),
    async onSuccess() {
      await usersChanged()
      onClose()
    },
  })
  const kind = role.secondFactor ? 'off' : 'on'
  return (
    <DialogForm
      title={t(`secondFactor.${kind}.title`, { name: words.role(role) })}
      button={t(`secondFactor.${kind}.button`)}
      pending={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate()}
      onClose={onClose}
    >
      <p>{t(`secondFactor.${kind}.text`, { count: role.people })}</p>
    </DialogForm>
  )
}
