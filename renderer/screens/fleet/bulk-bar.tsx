import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FleetRow } from '#contract/model/gateway.ts'
import type { Fleet } from '#renderer/api/fleet-store.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { writeClipboard } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import {
  type ActionGateway,
  actionFits,
  type GatewayAction,
} from '#renderer/ui/gateway-actions/gateway-action-dialog.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { toTsv } from '#renderer/ui/table/as-text.ts'
import type { Selection } from '#renderer/ui/table/selection.ts'
import css from './fleet.module.css'
import type { FleetColumn } from './use-columns.tsx'

const actions: readonly GatewayAction[] = ['suspend', 'resume', 'revoke']

/** What can be done to the chosen gateways. A button counts those that its action fits. */
export function BulkBar(props: {
  fleet: Fleet
  selection: Selection
  columns: readonly FleetColumn[]
  shown: readonly FleetRow[]
  onClear(): void
  onAction(action: GatewayAction, gateways: ActionGateway[]): void
  onPlace(gateways: FleetRow[]): void
  onLabels(gateways: FleetRow[]): void
}) {
  const { t } = useTranslation('fleet')
  const format = useFormat()
  const mayWrite = useMay('gateways:write')
  const mayRevoke = useMay('certificates:write')
  const hasGroups = useGroups().byId.size > 0
  const [copied, setCopied] = useState(false)
  const chosen = [...props.selection.ids].flatMap((id) => props.fleet.byId.get(id) ?? [])
  if (chosen.length === 0) return null
  // In the order of the table; those that a filter hides now follow.
  const inOrder = () => {
    const shown = props.shown.filter((row) => props.selection.ids.has(row.id))
    const known = new Set(shown)
    return [...shown, ...chosen.filter((row) => !known.has(row))]
  }
  const copy = async () => {
    if (!(await writeClipboard(toTsv(props.columns, inOrder())))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <div className={css.bulk} role="region" aria-label={t('bulk.label')}>
      <span className="strong" role="status">
        {t('bulk.selected', { count: chosen.length, shown: format.integer(chosen.length) })}
      </span>
      <Button variant="subtle" onClick={props.onClear}>
        {t('bulk.clear')}
      </Button>
      <span className="push" />
      <Button leftSection={<Icon name="label" />} onClick={() => props.onLabels(inOrder())}>
        {t('bulk.labels')}
      </Button>
      <Button onClick={() => void copy()}>{t(copied ? 'bulk.copied' : 'bulk.copy')}</Button>
      {mayWrite && hasGroups && <Button onClick={() => props.onPlace(chosen)}>{t('bulk.place')}</Button>}
      {actions.map((action) => {
        if (!(action === 'revoke' ? mayRevoke : mayWrite)) return null
        const fitting = chosen.filter((row) => actionFits(action, row.state))
        if (fitting.length === 0 && action === 'resume') return null
        return (
          <Button
            key={action}
            disabled={fitting.length === 0}
            onClick={() => props.onAction(action, fitting)}
          >
            {fitting.length === chosen.length || fitting.length === 0
              ? t(`bulk.${action}`)
              : t(`bulk.${action}Some`, { shown: format.integer(fitting.length) })}
          </Button>
        )
      })}
    </div>
  )
}
