import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { useDialectNames } from '#renderer/api/use-profiles.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import css from './profiles.module.css'

/** The chosen profile beside the table. */
export function ProfilePanel(props: {
  profile: GatewayProfile
  mayWrite: boolean
  onAction(action: 'edit' | 'remove'): void
  onClose(): void
}) {
  const { t } = useTranslation(['profiles', 'connection', 'common'])
  const format = useFormat()
  const dialects = useDialectNames()
  const { profile } = props
  const { messagesPerSecond, burst } = profile
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: profile.name })}>
      <div className={css.panelHead}>
        <h2 className="ellipsis">{profile.name}</h2>
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
          [
            t('column.dialect'),
            dialects.find(({ name }) => name === profile.dialect)?.title ?? profile.dialect,
          ],
          [t('column.credential'), t(`connection:credentialIs.${profile.credential}.title`)],
          profile.credential === 'secret' ? null : [t('field.key'), t(`field.keys.${profile.keyAlgorithm}`)],
          [
            t('column.rate'),
            messagesPerSecond === null
              ? t('field.rateDefault')
              : t('perSecond', { rate: format.number(messagesPerSecond) }),
          ],
          burst === null ? null : [t('field.burst'), format.integer(burst)],
          [t('column.devices'), format.integer(profile.maxDevices)],
          [t('column.gateways'), format.integer(profile.gateways)],
          [t('panel.changed'), format.dateTime(profile.updatedAt)],
        ]}
      />
      {props.mayWrite && (
        <div className={css.panelActions}>
          <Button size="xs" onClick={() => props.onAction('edit')}>
            {t('edit.open')}
          </Button>
          <Button
            size="xs"
            color="red"
            disabled={profile.gateways > 0}
            onClick={() => props.onAction('remove')}
          >
            {t('remove.open')}
          </Button>
          {profile.gateways > 0 && <p className="sec small">{t('remove.inUse')}</p>}
        </div>
      )}
    </aside>
  )
}
