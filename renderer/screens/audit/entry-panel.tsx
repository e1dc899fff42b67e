import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { CopyButton, CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { Note } from '#renderer/ui/note.tsx'
import css from './audit.module.css'
import type { AuditSearch } from './audit-search.ts'
import { type Change, changesOf } from './changes.ts'
import { objectName, useEntryWords } from './entry-words.tsx'
import type { EntryRow } from './use-entries.ts'

/** Everything about one entry, beside the table. */
export function EntryPanel(props: {
  entry: EntryRow
  onSearch(part: Partial<AuditSearch>): void
  onClose(): void
}) {
  const { t } = useTranslation(['audit', 'common'])
  const format = useFormat()
  const words = useEntryWords()
  const { entry, onSearch } = props
  const { actor, object, tenant } = entry
  const { several } = useTenantScope()
  const who = actor.id ?? actor.kind
  return (
    <aside className={css.panel} aria-label={t('audit:panel.label', { seq: entry.seq })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2>{entry.action}</h2>
          <span className={css.outcome}>{words.outcome(entry)}</span>
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('common:action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      {entry.erased && (
        <div className={css.inset} style={{ paddingTop: 12 }}>
          <Note tone="info" title={t('audit:panel.erased')}>
            {t('audit:panel.erasedHint')}
          </Note>
        </div>
      )}
      <KeyValues
        pairs={[
          [
            t('audit:column.time'),
            <span key="at" title={format.utc(entry.at)}>
              {format.dateTime(entry.at)}
            </span>,
          ],
          [t('audit:column.actor'), words.actor(actor)],
          object === null ? null : [t('audit:column.object'), `${object.kind} ${objectName(entry)}`],
          object === null || object.id === objectName(entry)
            ? null
            : [
                t('audit:panel.objectId'),
                <Copied key="object" value={object.id} label={t('audit:panel.objectId')} />,
              ],
          tenant === null || !several ? null : [t('audit:column.tenant'), tenant.name ?? tenant.id],
          [t('audit:column.address'), entry.address ?? t('audit:erased')],
          entry.path === null
            ? null
            : [t('audit:panel.path'), <Copied key="path" value={entry.path} label={t('audit:panel.path')} />],
          entry.status === null ? null : [t('audit:panel.status'), String(entry.status)],
          entry.durationMs === null
            ? null
            : [t('audit:panel.duration'), `${format.integer(entry.durationMs)} ms`],
          entry.requestId === null
            ? null
            : [
                t('audit:panel.request'),
                <Copied key="request" value={entry.requestId} label={t('audit:panel.request')} />,
              ],
          [t('audit:column.seq'), String(entry.seq)],
        ]}
      />
      <Changes changes={changesOf(entry.details)} />
      <div className={css.panelActions}>
        <Button onClick={() => onSearch({ actor: who })}>{t('audit:panel.onlyActor')}</Button>
        {object !== null && (
          <Button onClick={() => onSearch({ objectKind: object.kind, objectId: object.id })}>
            {t('audit:panel.onlyObject')}
          </Button>
        )}
        <CopyButton value={JSON.stringify(entry, null, 2)} label={t('audit:panel.copy')} size="sm" />
      </div>
    </aside>
  )
}

function Copied({ value, label }: { value: string; label: string }) {
  return (
    <span className={css.copied}>
      <span className="mono">{value}</span>
      <CopyIconButton value={value} label={label} />
    </span>
  )
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation('audit')
  if (changes.length === 0) return null
  const hasBefore = changes.some(({ kind }) => kind !== 'fact')
  return (
    <div className={css.changes}>
      <table>
        <caption className="visually-hidden">{t('panel.changes')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('panel.field')}</th>
            {hasBefore && <th scope="col">{t('panel.before')}</th>}
            <th scope="col">{hasBefore ? t('panel.after') : t('panel.value')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ name, kind, before, after }) => (
            <tr key={`${kind} ${name}`} data-kind={kind}>
              <th scope="row">{name || t('panel.value')}</th>
              {hasBefore && <td>{kind === 'fact' ? '' : before || NOTHING}</td>}
              <td>{after || NOTHING}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
