import { CloseButton, Menu, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type User, userStates } from '#contract/api/users.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import { rolesOf, type UserFilter } from './user-filter.ts'
import { useUserWords } from './user-words.ts'
import css from './users.module.css'

/** The text filter, the others as chips, and a way to add one. */
export function FilterBar(props: {
  filter: UserFilter
  users: readonly User[]
  onFilter(part: Partial<UserFilter>): void
}) {
  const { t } = useTranslation('users')
  const input = useSlashFocus()
  const words = useUserWords()
  const { filter, onFilter } = props
  // Only roles that somebody has: any other would show nothing.
  const roles = new Map<string, string>()
  for (const user of props.users) {
    for (const id of rolesOf(user)) {
      const name = user.memberships.find(({ roleId }) => roleId === id)?.roleName ?? ''
      roles.set(id, words.role({ id, name }))
    }
  }
  return (
    <div className={css.bar}>
      <TextInput
        ref={input}
        className={css.text ?? ''}
        aria-label={t('filter.text')}
        placeholder={t('filter.text')}
        value={filter.text}
        maxLength={100}
        onChange={(event) => onFilter({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onFilter({ text: '' })
        }}
        rightSection={
          filter.text === '' ? (
            <kbd className={css.key}>/</kbd>
          ) : (
            <CloseButton size="sm" aria-label={t('filter.clear')} onClick={() => onFilter({ text: '' })} />
          )
        }
      />
      {filter.state !== null && (
        <Chip
          name={t('column.state')}
          value={t(`state.${filter.state}`)}
          onRemove={() => onFilter({ state: null })}
        />
      )}
      {filter.role !== null && (
        <Chip
          name={t('column.roles')}
          value={roles.get(filter.role) ?? filter.role}
          onRemove={() => onFilter({ role: null })}
        />
      )}
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <button type="button" className={css.addChip}>
            {t('filter.add')}
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={440} style={{ overflowY: 'auto' }}>
          <Menu.Label>{t('column.state')}</Menu.Label>
          {userStates.map((state) => (
            <Menu.Item key={state} onClick={() => onFilter({ state })}>
              {t(`state.${state}`)}
            </Menu.Item>
          ))}
          <Menu.Label>{t('column.roles')}</Menu.Label>
          {[...roles].map(([id, name]) => (
            <Menu.Item key={id} onClick={() => onFilter({ role: id })}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

function Chip({ name, value, onRemove }: { name: string; value: string; onRemove(): void }) {
  const { t } = useTranslation('users')
  return (
    <span className={css.chip}>
      {name}: <b className="ellipsis">{value}</b>
      <button type="button" aria-label={t('filter.remove', { name, value })} onClick={onRemove}>
        <Icon name="close" size={14} />
      </button>
    </span>
  )
}
