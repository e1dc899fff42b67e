import { CloseButton, Menu, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Fleet } from '#renderer/api/fleet-store.ts'
import { groupPath, useGroups } from '#renderer/api/use-groups.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import css from './fleet.module.css'
import { filterChoices } from './fleet-filter.ts'
import type { FleetSearch } from './fleet-search.ts'
import type { ShownFleet } from './use-shown-fleet.ts'

/** The text filter, the other filters as chips, and how many gateways are left of all. */
export function FilterBar(props: {
  search: FleetSearch
  onSearch(part: Partial<FleetSearch>): void
  shown: ShownFleet
  fleet: Fleet
}) {
  const { t } = useTranslation('fleet')
  const format = useFormat()
  const scope = useTenantScope()
  const input = useSlashFocus()
  const { search, onSearch, fleet } = props
  const choices = useMemo(() => filterChoices(fleet.rows), [fleet.rows])
  const groups = useGroups()
  const group = groups.byId.get(search.group ?? '')
  // Groups of the tenant that the list is narrowed to; of several at once only where all are shown.
  const groupList = (groups.list ?? []).filter(
    ({ tenantId }) => scope.tenant === null || tenantId === scope.tenant.id,
  )
  const tenants = scope.several && scope.tenant === null ? scope.tenants : []
  const narrowed = props.shown.rows.length !== fleet.rows.length
  return (
    <>
      <TextInput
        ref={input}
        className={css.filter ?? ''}
        aria-label={t('filter.label')}
        placeholder={t('filter.placeholder')}
        value={search.text}
        maxLength={100}
        onChange={(event) => onSearch({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onSearch({ text: '' })
        }}
        rightSection={
          search.text === '' ? (
            <kbd className={css.key}>/</kbd>
          ) : (
            <CloseButton size="sm" aria-label={t('filter.clear')} onClick={() => onSearch({ text: '' })} />
          )
        }
      />
      {scope.several && scope.tenant !== null && (
        <Chip name={t('column.tenant')} value={scope.tenant.name} onRemove={() => scope.choose(null)} />
      )}
      {search.group !== null && (
        <Chip
          name={t('column.group')}
          value={group === undefined ? NOTHING : groupPath(group)}
          onRemove={() => onSearch({ group: null })}
        />
      )}
      {search.firmware !== null && (
        <Chip
          name={t('column.firmware')}
          value={search.firmware}
          onRemove={() => onSearch({ firmware: null })}
        />
      )}
      {search.dialect !== null && (
        <Chip
          name={t('filter.dialect')}
          value={search.dialect}
          onRemove={() => onSearch({ dialect: null })}
        />
      )}
      {(tenants.length > 0 ||
        groupList.length > 0 ||
        choices.firmware.length > 0 ||
        choices.dialect.length > 0) && (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className={css.addChip}>
              {t('filter.add')}
            </button>
          </Menu.Target>
          <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
            {tenants.length > 0 && <Menu.Label>{t('column.tenant')}</Menu.Label>}
            {tenants.map((tenant) => (
              <Menu.Item key={tenant.id} onClick={() => scope.choose(tenant.slug)}>
                {tenant.name}
              </Menu.Item>
            ))}
            {groupList.length > 0 && <Menu.Label>{t('column.group')}</Menu.Label>}
            {groupList.map((one) => (
              <Menu.Item key={one.id} onClick={() => onSearch({ group: one.id })}>
                {groupPath(one)}
              </Menu.Item>
            ))}
            {choices.firmware.length > 0 && <Menu.Label>{t('column.firmware')}</Menu.Label>}
            {choices.firmware.map((version) => (
              <Menu.Item key={version} onClick={() => onSearch({ firmware: version })}>
                {version}
              </Menu.Item>
            ))}
            {choices.dialect.length > 0 && <Menu.Label>{t('filter.dialect')}</Menu.Label>}
            {choices.dialect.map((dialect) => (
              <Menu.Item key={dialect} onClick={() => onSearch({ dialect })}>
                {dialect}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <span className="sub small" role="status">
        {narrowed
          ? t('filter.some', {
              shown: format.integer(props.shown.rows.length),
              count: fleet.rows.length,
              all: format.integer(fleet.rows.length),
            })
          : t('filter.all', { count: fleet.rows.length, all: format.integer(fleet.rows.length) })}
      </span>
    </>
  )
}

function Chip({ name, value, onRemove }: { name: string; value: string; onRemove(): void }) {
  const { t } = useTranslation('fleet')
  return (
    <span className={css.chip}>
      {name}: <b className="ellipsis">{value}</b>
      <button type="button" aria-label={t('filter.remove', { name, value })} onClick={onRemove}>
        <Icon name="close" size={14} />
      </button>
    </span>
  )
}
