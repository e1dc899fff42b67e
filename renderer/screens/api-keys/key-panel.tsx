import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { usePermissionWords } from '#renderer/ui/permission-words.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './api-keys.module.css'
import { stateMarks, useKeyWords } from './key-words.ts'

export type KeyAction = 'rename' | 'revoke'

/** The chosen key beside the table: what it may do, who made it, when it was used. */
export function KeyPanel(props: { apiKey: ApiKey; onAction(action: KeyAction): void; onClose(): void }) {
  const { t } = useTranslation(['api-keys', 'common'])
  const format = useFormat()
  const words = useKeyWords()
  const { areasOf, nameOf } = usePermissionWords()
  const { apiKey } = props
  const at = (time: Date | null) => (time === null ? NOTHING : format.dateTime(time))
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: apiKey.name })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="ellipsis">{apiKey.name}</h2>
          <span className={css.state}>
            <StateMark mark={stateMarks[apiKey.state]} size={14} />
            {t(`state.${apiKey.state}`)}
          </span>
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
      <KeyValues
        pairs={[
          [t('column.prefix'), <code key="prefix">{apiKey.prefix}</code>],
          [t('column.reach'), words.reach(apiKey)],
          [t('column.expires'), apiKey.expiresAt === null ? t('never') : at(apiKey.expiresAt)],
          [t('column.lastUsed'), at(apiKey.lastUsedAt)],
          apiKey.lastUsedAddress === null ? null : [t('panel.from'), apiKey.lastUsedAddress],
          [t('panel.made'), at(apiKey.createdAt)],
          [t('panel.by'), apiKey.createdBy?.name ?? NOTHING],
          apiKey.revokedAt === null ? null : [t('panel.revoked'), at(apiKey.revokedAt)],
        ]}
      />
      <section className={css.section} aria-label={t('column.scopes')}>
        <h3>{t('column.scopes')}</h3>
        {areasOf(apiKey.scopes).map((area) => (
          <p key={area.id}>
            {area.name}: <span className="sec">{area.permissions.map(nameOf).join(', ')}</span>
          </p>
        ))}
      </section>
      {apiKey.state !== 'revoked' && (
        <div className={css.panelActions}>
          <Button size="xs" onClick={() => props.onAction('rename')}>
            {t('rename.open')}
          </Button>
          <Button size="xs" color="red" onClick={() => props.onAction('revoke')}>
            {t('revoke.open')}
          </Button>
        </div>
      )}
    </aside>
  )
}
