import { ActionIcon, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './claims.module.css'
import { isClaimable, isKnown, nameOf } from './knock.ts'
import { KnockWarnings } from './knock-marks.tsx'

const marks: Record<Knock['state'], Mark> = {
  waiting: 'waiting',
  claimed: 'running',
  delivered: 'passed',
  dismissed: 'revoked',
}

/** The chosen box beside the table: all that it says of itself, what has to be known, and what can be done. */
export function KnockPanel(props: { knock: Knock; onClaim(): void; onDismiss(): void; onClose(): void }) {
  const { t } = useTranslation(['claims', 'common'])
  const { knock } = props
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: nameOf(knock) })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="mono ellipsis">{nameOf(knock)}</h2>
          <span className="state">
            <StateMark mark={marks[knock.state]} />
            {t(`state.${knock.state}`)}
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
      <KnockWarnings knock={knock} />
      <KnockFacts knock={knock} />
      <div className={css.panelActions}>
        {isClaimable(knock) && (
          <Button variant="filled" onClick={props.onClaim}>
            {t(isKnown(knock) ? 'panel.claimAgain' : 'panel.claim')}
          </Button>
        )}
        {knock.state === 'waiting' && <Button onClick={props.onDismiss}>{t('panel.dismiss')}</Button>}
        {knock.gateway !== null && (
          <Button
            renderRoot={(root) => (
              <Link to="/gateways/$gatewayId" params={{ gatewayId: knock.gateway?.id ?? '' }} {...root} />
            )}
          >
            {t('panel.open', { code: knock.gateway.code })}
          </Button>
        )}
      </div>
    </aside>
  )
}

/** All that a box says of itself, and what the site saw of it. */
export function KnockFacts({ knock }: { knock: Knock }) {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const mono = (text: string | null) =>
    text === null ? null : (
      <span key={text} className="mono" title={text}>
        {text}
      </span>
    )
  const pair = (name: string, value: React.ReactNode): [string, React.ReactNode] | null =>
    value === null ? null : [name, value]
  return (
    <KeyValues
      pairs={[
        pair(t('column.label'), mono(knock.label)),
        pair(t('column.mac'), mono(knock.mac)),
        pair(t('panel.deviceId'), mono(knock.deviceId)),
        pair(t('column.manufacturer'), knock.manufacturer),
        pair(t('column.chip'), knock.chip),
        pair(t('panel.hardware'), knock.hardware),
        pair(t('column.firmware'), knock.firmware),
        [t('column.way'), t(`way.${knock.way}`)],
        [t('panel.credential'), t(`credential.${knock.credential}`)],
        pair(t('panel.publicKey'), mono(knock.publicKeyHash)),
        [t('column.address'), mono(knock.address)],
        [t('column.count'), format.integer(knock.count)],
        [t('column.first'), format.dateTime(knock.firstAt)],
        [t('column.age'), format.dateTime(knock.lastAt)],
        knock.tokenEndsAt === null ? null : [t('panel.tokenEnds'), format.dateTime(knock.tokenEndsAt)],
        knock.claimedAt === null
          ? null
          : [
              t('panel.claimed'),
              t('panel.claimedBy', { at: format.dateTime(knock.claimedAt), by: knock.claimedBy ?? '' }),
            ],
      ]}
    />
  )
}
