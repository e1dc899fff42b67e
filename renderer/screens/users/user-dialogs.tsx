import { Checkbox, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Entry, User } from '#contract/api/users.ts'
import { assertNever } from '#contract/errors.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { HowField } from './invite-dialog.tsx'
import { usersChanged } from './use-users.ts'

export type UserAction =
  | 'rename'
  | 'reset'
  | 'suspend'
  | 'resume'
  | 'removeSecondFactor'
  | 'siteAdmin'
  | 'delete'
  | 'export'

interface DialogProps {
  user: User
  onClose(): void
}

export function UserDialog({
  action,
  onEntry,
  ...props
}: DialogProps & { action: UserAction; onEntry(result: { user: User; entry: Entry }): void }) {
  switch (action) {
    case 'rename':
      return <RenameDialog {...props} />
    case 'reset':
      return <ResetDialog {...props} onEntry={onEntry} />
    case 'suspend':
      return <SuspendDialog {...props} />
    case 'resume':
      return (
        <ConfirmDialog {...props} what="resume" act={() => api.users.resume({ userId: props.user.id })} />
      )
    case 'removeSecondFactor':
      return (
        <ConfirmDialog
          {...props}
          what="removeSecondFactor"
          danger
          act={() => api.users.removeSecondFactor({ userId: props.user.id })}
        />
      )
    case 'siteAdmin':
      return (
        <ConfirmDialog
          {...props}
          what={props.user.siteAdmin ? 'endSiteAdmin' : 'makeSiteAdmin'}
          danger={props.user.siteAdmin}
          act={() => api.users.update({ userId: props.user.id, siteAdmin: !props.user.siteAdmin })}
        />
      )
    case 'delete':
      return <DeleteDialog {...props} />
    case 'export':
      return (
        <ConfirmDialog
          {...props}
          what="export"
          act={() => api.privacy.exportUser({ userId: props.user.id })}
        />
      )
    default:
      return assertNever(action)
  }
}

function useChange<T>(act: () => Promise<T>, done: (result: T) => void) {
  return useMutation({
    mutationFn: act,
    async onSuccess(result) {
      await usersChanged()
      done(result)
    },
  })
}

function ConfirmDialog(
  props: DialogProps & {
    what: 'resume' | 'removeSecondFactor' | 'makeSiteAdmin' | 'endSiteAdmin' | 'export'
    danger?: boolean
    act(): Promise<unknown>
    children?: ReactNode
  },
) {
  const { t } = useTranslation('users')
  const change = useChange(props.act, props.onClose)
  return (
    <DialogForm
      title={t(`${props.what}.title`, { name: props.user.name })}
      button={t(`${props.what}.button`)}
      danger={props.danger ?? false}
      pending={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate()}
      onClose={props.onClose}
    >
      <p>{t(`${props.what}.text`)}</p>
    </DialogForm>
  )
}

function RenameDialog({ user, onClose }: DialogProps) {
  const { t } = useTranslation(['users', 'common'])
  const [name, setName] = useState(user.name)
  const [left, setLeft] = useState(false)
  const nameless = name.trim() === ''
  const rename = useChange(() => api.users.update({ userId: user.id, name: name.trim() }), onClose)
  return (
    <DialogForm
      title={t('rename.title', { name: user.name })}
      button={t('common:action.save')}
      pending={rename.isPending}
      error={rename.error}
      onSubmit={() => {
        setLeft(true)
        if (!nameless) rename.mutate()
      }}
      onClose={onClose}
    >
      <TextInput
        label={t('field.name')}
        value={name}
        maxLength={100}
        error={left && nameless ? t('field.nameEmpty') : null}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
        data-autofocus
      />
    </DialogForm>
  )
}

function ResetDialog({
  user,
  onClose,
  onEntry,
}: DialogProps & { onEntry(result: { user: User; entry: Entry }): void }) {
  const { t } = useTranslation('users')
  const [how, setHow] = useState<Entry['how']>('link')
  const isInvited = user.state === 'invited'
  const reset = useChange(() => api.users.reset({ userId: user.id, how }), onEntry)
  return (
    <DialogForm
      title={t(isInvited ? 'again.title' : 'reset.title', { name: user.name })}
      button={t(isInvited ? 'again.button' : 'reset.button')}
      danger={!isInvited}
      pending={reset.isPending}
      error={reset.error}
      size={480}
      onSubmit={() => reset.mutate()}
      onClose={onClose}
    >
      <p>{t(isInvited ? 'again.text' : 'reset.text')}</p>
      <HowField value={how} onChange={setHow} />
    </DialogForm>
  )
}

function SuspendDialog({ user, onClose }: DialogProps) {
  const { t } = useTranslation('users')
  const [reason, setReason] = useState('')
  const suspend = useChange(() => {
    const note = reason.trim()
    return api.users.suspend({ userId: user.id, ...(note === '' ? {} : { reason: note }) })
  }, onClose)
  return (
    <DialogForm
      title={t('suspend.title', { name: user.name })}
      button={t('suspend.button')}
      danger
      pending={suspend.isPending}
      error={suspend.error}
      onSubmit={() => suspend.mutate()}
      onClose={onClose}
    >
      <p>{t('suspend.text')}</p>
      <TextInput
        label={t('suspend.reason')}
        description={t('suspend.reasonHint')}
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </DialogForm>
  )
}

/** Nothing brings an account back: its address is to be typed. */
function DeleteDialog({ user, onClose }: DialogProps) {
  const { t } = useTranslation('users')
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const isConfirmed = typed.trim().toLowerCase() === user.email
  const [erase, setErase] = useState(false)
  const remove = useChange<unknown>(
    () =>
      erase
        ? api.privacy.eraseUser({ userId: user.id, confirm: typed.trim() })
        : api.users.delete({ userId: user.id }),
    onClose,
  )
  return (
    <DialogForm
      title={t('delete.title', { name: user.name })}
      button={t('delete.button')}
      danger
      disabled={!isConfirmed}
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t('delete.text')}</p>
      <p className="sec">{t(erase ? 'delete.eraseText' : 'delete.keep')}</p>
      <Checkbox
        label={t('delete.erase')}
        checked={erase}
        onChange={(event) => setErase(event.currentTarget.checked)}
      />
      <TextInput
        label={t('delete.type', { email: user.email })}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        error={left && !isConfirmed ? t('delete.typeExpected', { email: user.email }) : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setLeft(typed !== '')}
        data-autofocus
      />
    </DialogForm>
  )
}
