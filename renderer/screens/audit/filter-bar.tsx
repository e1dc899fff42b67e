import { CloseButton, Menu, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { auditOutcomes } from '#contract/api/audit.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import css from './audit.module.css'
import { type AuditSearch, type Period, periods } from './audit-search.ts'
import { SpanDialog } from './span-dialog.tsx'
import { type EntryRow, useAuditActions } from './use-entries.ts'

interface BarProps {
  search: AuditSearch
  onSearch(part: Partial<AuditSearch>): void
  rows: readonly EntryRow[]
}

/** The text filter, the other filters as chips, and a way to add one. */
export function FilterBar({ search, onSearch, rows }: BarProps) {
  const { t } = useTranslation('audit')
  const input = useSlashFocus()
  const scope = useTenantScope()
  const [asksForSpan, setAsksForSpan] = useState(false)
  return (
    <div className={css.bar}>
      <TextInput
        ref={input}
        className={css.text ?? ''}
        aria-label={t('filter.text')}
        placeholder={t('filter.text')}
        value={search.text}
        maxLength={200}
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
      <Chips search={search} onSearch={onSearch} rows={rows} />
      {scope.several && scope.tenant !== null && (
        <Chip name={t('column.tenant')} value={scope.tenant.name} onRemove={() => scope.choose(null)} />
      )}
      <AddFilter onSearch={onSearch} onSpan={() => setAsksForSpan(true)} />
      {asksForSpan && (
        <SpanDialog
          from={search.from}
          to={search.to}
          onChoose={(span) => onSearch({ ...span, period: null })}
          onClose={() => setAsksForSpan(false)}
        />
      )}
    </div>
  )
}

function Chips({ search, onSearch, rows }: BarProps) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const { period, from, to, actor, action, objectKind, objectId, outcome } = search
  const name = rows.find((row) => row.actor.id === actor)?.actor.name ?? actor
  const at = (time: number | null) => (time === null ? '…' : format.dateTime(time))
  return (
    <>
      {(period !== null || from !== null || to !== null) && (
        <Chip
          name={t('filter.time')}
          value={period === null ? `${at(from)} – ${at(to)}` : t(`filter.period.${period}`)}
          onRemove={() => onSearch({ period: null, from: null, to: null })}
        />
      )}
      {actor !== null && (
        <Chip name={t('column.actor')} value={name ?? ''} onRemove={() => onSearch({ actor: null })} />
      )}
      {action !== null && (
        <Chip name={t('column.action')} value={action} onRemove={() => onSearch({ action: null })} />
      )}
      {(objectKind !== null || objectId !== null) && (
        <Chip
          name={t('column.object')}
          value={[objectKind, objectId].filter((part) => part !== null).join(' ')}
          onRemove={() => onSearch({ objectKind: null, objectId: null })}
        />
      )}
      {outcome !== null && (
        <Chip
          name={t('column.outcome')}
          value={t(`outcome.${outcome}`)}
          onRemove={() => onSearch({ outcome: null })}
        />
      )}
    </>
  )
}

/** What actions begin with, up to the point. */
function groupsOf(actions: readonly string[]): string[] {
  return [...new Set(actions.map((action) => `${action.split('.')[0] ?? action}.`))]
}

function AddFilter(props: { onSearch(part: Partial<AuditSearch>): void; onSpan(): void }) {
  const { t } = useTranslation('audit')
  const scope = useTenantScope()
  const { actions = [], objectKinds = [] } = useAuditActions() ?? {}
  const { onSearch } = props
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <button type="button" className={css.addChip}>
          {t('filter.add')}
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={440} style={{ overflowY: 'auto' }}>
        <Menu.Label>{t('filter.time')}</Menu.Label>
        {(Object.keys(periods) as Period[]).map((period) => (
          <Menu.Item key={period} onClick={() => onSearch({ period, from: null, to: null })}>
            {t(`filter.period.${period}`)}
          </Menu.Item>
        ))}
        <Menu.Item onClick={props.onSpan}>{t('filter.ownSpan')}</Menu.Item>
        <Menu.Label>{t('column.outcome')}</Menu.Label>
        {auditOutcomes.map((outcome) => (
          <Menu.Item key={outcome} onClick={() => onSearch({ outcome })}>
            {t(`outcome.${outcome}`)}
          </Menu.Item>
        ))}
        {scope.several && <Menu.Label>{t('column.tenant')}</Menu.Label>}
        {scope.several &&
          scope.tenants.map(({ id, slug, name }) => (
            <Menu.Item key={id} onClick={() => scope.choose(slug)}>
              {name}
            </Menu.Item>
          ))}
        <Menu.Label>{t('column.action')}</Menu.Label>
        {groupsOf(actions).map((action) => (
          <Menu.Item key={action} onClick={() => onSearch({ action })}>
            {action}
          </Menu.Item>
        ))}
        <Menu.Label>{t('column.object')}</Menu.Label>
        {objectKinds.map((objectKind) => (
          <Menu.Item key={objectKind} onClick={() => onSearch({ objectKind, objectId: null })}>
            {objectKind}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Chip({ name, value, onRemove }: { name: string; value: string; onRemove(): void }) {
  const { t } = useTranslation('audit')
  return (
    <span className={css.chip}>
      {name}: <b className="ellipsis">{value}</b>
      <button type="button" aria-label={t('filter.remove', { name, value })} onClick={onRemove}>
        <Icon name="close" size={14} />
      </button>
    </span>
  )
}
