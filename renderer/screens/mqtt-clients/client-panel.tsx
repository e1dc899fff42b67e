import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { MqttAddresses, MqttClient } from '#contract/api/mqtt-clients.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { ConfirmAction } from './client-dialogs.tsx'
import { stateMarks, useClientWords } from './client-words.ts'
import { Files } from './connect-guide.tsx'
import css from './mqtt-clients.module.css'

export type ClientAction = ConfirmAction | 'edit'

/** The chosen client beside the table: what it may, how it signs in, when it was here; and what can be done. */
export function ClientPanel(props: {
  client: MqttClient
  addresses: MqttAddresses
  caPem: string
  /** Whether it is the signed-in person's own, or nobody's: others' are not renewed. */
  mayRenew: boolean
  onAction(action: ClientAction): void
  onClose(): void
}) {
  const { t } = useTranslation(['mqtt-clients', 'common'])
  const format = useFormat()
  const words = useClientWords()
  const { client, addresses, onAction } = props
  const at = (time: Date | null) => (time === null ? NOTHING : format.dateTime(time))
  const button = (action: ClientAction, label: string) => (
    <Button size="xs" {...(action === 'delete' && { color: 'red' })} onClick={() => onAction(action)}>
      {label}
    </Button>
  )
  const where = [
    ...(client.certificate === null ? [] : [addresses.mqtts]),
    ...(client.hasPassword ? [addresses.passwordMqtts] : []),
    addresses.websocket,
  ].filter((address) => address !== null)
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: client.name })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="ellipsis">{client.name}</h2>
          <span className={css.state}>
            <StateMark mark={stateMarks[client.state]} size={14} />
            {t(`state.${client.state}`)}
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
          [t('column.username'), <code key="username">{client.username}</code>],
          [t('column.reach'), words.reach(client)],
          [t('column.rights'), t(`rights.${client.rights}`)],
          [t('panel.prefix'), <code key="prefix">{`${client.prefix}/…`}</code>],
          client.topics.join() === '#'
            ? null
            : [t('field.topics'), <code key="topics">{client.topics.join(' ')}</code>],
          client.passwordSetAt === null ? null : [t('panel.passwordSet'), at(client.passwordSetAt)],
          client.certificate === null ? null : [t('panel.certificateUntil'), at(client.certificate.notAfter)],
          [t('field.expires'), client.expiresAt === null ? t('never') : at(client.expiresAt)],
          [t('column.lastConnected'), at(client.lastConnectedAt)],
          client.lastAddress === null ? null : [t('panel.from'), client.lastAddress],
          [t('panel.made'), at(client.createdAt)],
        ]}
      />
      <section className={css.section} aria-label={t('panel.connect')}>
        <h3>{t('panel.connect')}</h3>
        {where.length === 0 ? (
          <p className="sec">{t('off.title')}</p>
        ) : (
          where.map((address) => (
            <p key={address}>
              <code>{address}</code>
            </p>
          ))
        )}
        <Files files={[{ name: 'ca.crt', content: props.caPem }]} />
      </section>
      <div className={css.panelActions}>
        {button('edit', t('edit.open'))}
        {props.mayRenew && button('password', t('confirm.password.open'))}
        {props.mayRenew && button('certificate', t('confirm.certificate.open'))}
        {client.state === 'suspended'
          ? button('resume', t('confirm.resume.open'))
          : button('suspend', t('confirm.suspend.open'))}
        {button('delete', t('confirm.delete.open'))}
      </div>
    </aside>
  )
}
