import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoleInfo } from '#contract/api/roles.ts'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { usersChanged } from '../users/use-users.ts'
import { useUserWords } from '../users/user-words.ts'
import type { RoleDraft } from './role-draft.ts'
import type { MatrixProps } from './role-matrix.tsx'
import css from './roles.module.css'

/** A role's name, how many have it, and what can be done to it. */
export function RoleHead({ role, ...props }: MatrixProps & { role: RoleInfo }) {
  const { t } = useTranslation('roles')
  const words = useUserWords()
  const name = words.role(role)
  const isOwn = role.tenantId !== null
  return (
    <div className={css.head}>
      <div className={css.headLine}>
        <span className={css.name} title={name}>
          {name}
        </span>
        {isOwn && props.mayWrite && props.draft === null && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('menu', { name })}>
                <Icon name="more" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Icon name="edit" />} onClick={() => props.onEdit(role)}>
                {t('edit')}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="trash" />} onClick={() => props.onDelete(role)}>
                {t('delete.open')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <span className="sub">{t(isOwn ? 'people' : 'builtIn', { count: role.people })}</span>
    </div>
  )
}

/** The name of the role that is being made, and its way to the site. */
export function DraftHead({ draft, tenantId, onDraft }: MatrixProps & { draft: RoleDraft }) {
  const { t } = useTranslation(['roles', 'common'])
  const [tried, setTried] = useState(false)
  const nameless = draft.name.trim() === ''
  const save = useMutation({
    mutationFn: () => {
      const input = { name: draft.name.trim(), permissions: [...draft.permissions] }
      return draft.id === null
        ? api.roles.create({ tenant: tenantId, ...input })
        : api.roles.update({ roleId: draft.id, ...input })
    },
    async onSuccess() {
      await usersChanged()
      onDraft(null)
    },
  })
  return (
    <form
      className={css.head}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!nameless) save.mutate()
      }}
    >
      <TextInput
        aria-label={t('roles:name')}
        placeholder={t('roles:name')}
        value={draft.name}
        maxLength={60}
        error={tried && nameless ? t('roles:nameEmpty') : null}
        onChange={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
        autoFocus
      />
      <div className={css.headLine}>
        <Button type="submit" size="xs" variant="filled" loading={save.isPending}>
          {t('common:action.save')}
        </Button>
        <Button size="xs" onClick={() => onDraft(null)}>
          {t('common:action.cancel')}
        </Button>
      </div>
      {save.error !== null && <ErrorNote error={save.error} />}
    </form>
  )
}
