import { TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Group, GroupNameSchema } from '#contract/api/groups.ts'
import { assertNever } from '#contract/errors.ts'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { api } from '#renderer/api/client.ts'
import { groupPath, groupsChanged, withBelow } from '#renderer/api/use-groups.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import { DialogForm } from './dialog-form.tsx'

export type GroupAction = 'add' | 'rename' | 'move' | 'remove'

interface GroupDialogProps {
  /** What it is about; for a new one, the group that it goes below. */
  group: Group | null
  groups: readonly Group[]
  tenant: TenantRef
  mayTop: boolean
  onClose(): void
}

export function GroupDialog({ action, ...props }: GroupDialogProps & { action: GroupAction }) {
  const { group } = props
  switch (action) {
    case 'add':
      return <AddDialog {...props} />
    case 'rename':
      return group && <RenameDialog {...props} group={group} />
    case 'move':
      return group && <MoveDialog {...props} group={group} />
    case 'remove':
      return group && <RemoveDialog {...props} group={group} />
    default:
      return assertNever(action)
  }
}

function useChange(act: () => Promise<unknown>, onClose: () => void) {
  return useMutation({
    mutationFn: act,
    async onSuccess() {
      await groupsChanged()
      onClose()
    },
  })
}

function NameField(props: { name: string; left: boolean; onChange(name: string): void; onLeft(): void }) {
  const { t } = useTranslation('tenants')
  const wrong = !GroupNameSchema.safeParse(props.name).success
  return (
    <TextInput
      label={t('groups.name')}
      value={props.name}
      maxLength={60}
      error={
        props.left && wrong ? t(props.name.trim() === '' ? 'groups.nameEmpty' : 'groups.nameInvalid') : null
      }
      onChange={(event) => props.onChange(event.currentTarget.value)}
      onBlur={props.onLeft}
      data-autofocus
    />
  )
}

function AddDialog({ group, groups, tenant, mayTop, onClose }: GroupDialogProps) {
  const { t } = useTranslation('tenants')
  const [parent, setParent] = useState(group?.id ?? (mayTop ? null : (groups[0]?.id ?? null)))
  const [name, setName] = useState('')
  const [left, setLeft] = useState(false)
  const add = useChange(() => api.groups.create({ tenant: tenant.id, parent, name: name.trim() }), onClose)
  return (
    <DialogForm
      title={t('groups.addTitle')}
      button={t('groups.addButton')}
      pending={add.isPending}
      error={add.error}
      onSubmit={() => {
        setLeft(true)
        if (GroupNameSchema.safeParse(name).success) add.mutate()
      }}
      onClose={onClose}
    >
      <NameField name={name} left={left} onChange={setName} onLeft={() => setLeft(name !== '')} />
      {groups.length > 0 && (
        <GroupSelect
          label={t('groups.below')}
          groups={groups}
          value={parent}
          {...(mayTop && { none: t('groups.top') })}
          onChange={setParent}
        />
      )}
    </DialogForm>
  )
}

function RenameDialog({ group, onClose }: GroupDialogProps & { group: Group }) {
  const { t } = useTranslation(['tenants', 'common'])
  const [name, setName] = useState(group.name)
  const rename = useChange(() => api.groups.rename({ group: group.id, name: name.trim() }), onClose)
  return (
    <DialogForm
      title={t('groups.renameTitle', { name: group.name })}
      button={t('common:action.save')}
      pending={rename.isPending}
      error={rename.error}
      onSubmit={() => {
        if (GroupNameSchema.safeParse(name).success) rename.mutate()
      }}
      onClose={onClose}
    >
      <NameField name={name} left onChange={setName} onLeft={() => undefined} />
    </DialogForm>
  )
}

function MoveDialog({ group, groups, mayTop, onClose }: GroupDialogProps & { group: Group }) {
  const { t } = useTranslation('tenants')
  const own = withBelow(groups, group.id)
  const others = groups.filter(({ id }) => !own.has(id))
  const [parent, setParent] = useState(group.parentId)
  const move = useChange(() => api.groups.move({ group: group.id, parent }), onClose)
  return (
    <DialogForm
      title={t('groups.moveTitle', { name: group.name })}
      button={t('groups.moveButton')}
      disabled={parent === group.parentId}
      pending={move.isPending}
      error={move.error}
      onSubmit={() => move.mutate()}
      onClose={onClose}
    >
      <p>{t('groups.moveText', { count: group.gateways.all })}</p>
      <GroupSelect
        label={t('groups.below')}
        groups={others}
        value={parent}
        {...(mayTop && { none: t('groups.top') })}
        autoFocus
        onChange={setParent}
      />
    </DialogForm>
  )
}

function RemoveDialog({ group, groups, onClose }: GroupDialogProps & { group: Group }) {
  const { t } = useTranslation('tenants')
  const below = groups.filter(({ parentId }) => parentId === group.id).length
  const isEmpty = below === 0 && group.gateways.own === 0
  const above = groups.find(({ id }) => id === group.parentId)
  const remove = useChange(
    () => api.groups.remove({ group: group.id, content: isEmpty ? 'refuse' : 'to_parent' }),
    onClose,
  )
  return (
    <DialogForm
      title={t('groups.removeTitle', { name: group.name })}
      button={t('groups.removeButton')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      {!isEmpty && (
        <p>
          {t('groups.removeContent', {
            gateways: group.gateways.own,
            groups: below,
            where: above === undefined ? t('groups.top') : groupPath(above),
          })}
        </p>
      )}
      <p>{t('groups.removeRights')}</p>
    </DialogForm>
  )
}
