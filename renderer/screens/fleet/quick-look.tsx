import { ActionIcon, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { type FleetRow, fleetStatus } from '#contract/model/gateway.ts'
import { groupPath, useGroups } from '#renderer/api/use-groups.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { actionFits, type GatewayAction } from '#renderer/ui/gateway-actions/gateway-action-dialog.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { Note } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { State } from '#renderer/ui/state-mark.tsx'
import css from './fleet.module.css'

/** The chosen gateway beside the table, without leaving it. */
export function QuickLook(props: {
  row: FleetRow
  onClose(): void
  onAction(action: GatewayAction): void
  onPlace(): void
}) {
  const { t } = useTranslation(['fleet', 'common', 'refusals'])
  const format = useFormat()
  const now = useNow()
  const scope = useTenantScope()
  const { row } = props
  const group = useGroups().byId.get(row.groupId ?? '')
  const status = fleetStatus(row, now)
  const tenant = scope.several ? scope.tenants.find(({ id }) => id === row.tenantId)?.name : undefined
  const words = { on: t('common:value.on'), off: t('common:value.off') }
  const ago = (at: number | null) =>
    at === null ? (
      NOTHING
    ) : (
      <span title={`${format.dateTime(at)} · ${format.utc(at)}`}>
        {t('fleet:ago', { span: format.span(now - at) })}
      </span>
    )
  return (
    <aside className={css.look} aria-label={t('fleet:look.label', { code: row.code })}>
      <div className={css.lookHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="ellipsis">
            {row.code} <span className="sec">{row.name}</span>
          </h2>
          <State status={status} />
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
      {status === 'refused' && row.refusal !== null && (
        <div className={css.lookNote}>
          <Note tone="orange" title={t(`refusals:reason.${row.refusal.reason}`)}>
            {t('fleet:look.tries', {
              count: row.refusal.count,
              shown: format.integer(row.refusal.count),
              span: format.age(now - row.refusal.at),
            })}
          </Note>
        </div>
      )}
      {row.latest !== null && (
        <div className={css.lookValue}>
          <span className="small sec">{row.latest.name}</span>
          <span className={status === 'online' ? 'live-value' : 'stale-value'}>
            <b>{format.value(row.latest.value, words)}</b> <span className="sub">{row.latest.unit}</span>
          </span>
          <span className="small sub">{ago(row.latest.ts)}</span>
        </div>
      )}
      <KeyValues
        pairs={[
          [t('fleet:look.since'), ago(row.since)],
          [t('fleet:look.heard'), ago(row.lastSeenAt)],
          [t('fleet:column.rate'), row.online ? format.fixed(row.rate, 1) : NOTHING],
          tenant === undefined ? null : [t('fleet:column.tenant'), tenant],
          group === undefined ? null : [t('fleet:column.group'), groupPath(group)],
          [
            t('fleet:look.name'),
            <span key="label" className="mono">
              {row.label}
            </span>,
          ],
          row.mac === null
            ? null
            : [
                'MAC',
                <span key="mac" className="mono">
                  {row.mac}
                </span>,
              ],
          row.firmwareVersion === null ? null : [t('fleet:column.firmware'), row.firmwareVersion],
          [
            t('fleet:column.certificate'),
            row.certificateEnds === null ? NOTHING : format.date(row.certificateEnds),
          ],
        ]}
      />
      <div className={css.lookActions}>
        <Button
          variant="filled"
          renderRoot={(root) => <Link to="/gateways/$gatewayId" params={{ gatewayId: row.id }} {...root} />}
        >
          {t('fleet:look.open')}
        </Button>
        {status !== 'online' && (
          <Button renderRoot={(root) => <Link to="/doctor" search={{ subject: row.code }} {...root} />}>
            {t('fleet:look.doctor')}
          </Button>
        )}
        <LookActions row={row} onAction={props.onAction} onPlace={props.onPlace} />
      </div>
    </aside>
  )
}

function LookActions(props: { row: FleetRow; onAction(action: GatewayAction): void; onPlace(): void }) {
  const { row, onAction } = props
  const { t } = useTranslation('fleet')
  const mayWrite = useMay('gateways:write')
  const mayRevoke = useMay('certificates:write')
  const hasGroups = useGroups().byId.size > 0
  const fits = (action: GatewayAction) => actionFits(action, row.state)
  return (
    <>
      {mayWrite && hasGroups && <Button onClick={props.onPlace}>{t('bulk.place')}</Button>}
      {mayWrite && fits('suspend') && (
        <Button onClick={() => onAction('suspend')}>{t('bulk.suspend')}</Button>
      )}
      {mayWrite && fits('resume') && <Button onClick={() => onAction('resume')}>{t('bulk.resume')}</Button>}
      {mayRevoke && fits('revoke') && <Button onClick={() => onAction('revoke')}>{t('bulk.revoke')}</Button>}
    </>
  )
}
