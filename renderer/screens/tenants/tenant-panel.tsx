import { ActionIcon, Button, Progress } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useSwitchTenant } from '#renderer/app/switch-tenant.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { PasswordGatewaysNote } from './password-gateways-note.tsx'
import type { TenantAction } from './tenant-dialog.tsx'
import css from './tenants.module.css'
import { isNear, percentOf } from './usage.ts'

/** The chosen tenant beside the table: what it uses, and what can be done to it. */
export function TenantPanel(props: {
  tenant: TenantDetails
  onClose(): void
  onAction(action: TenantAction): void
}) {
  const { t } = useTranslation(['tenants', 'common'])
  const format = useFormat()
  const { tenant } = props
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: tenant.name })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="ellipsis">{tenant.name}</h2>
          <span className="mono sec">{tenant.slug}</span>
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
      {tenant.deletionAt !== null && (
        <div className={css.panelNote}>
          <Note tone="red" mark="suspended" title={t('state.ending')}>
            {t('keep.until', { at: format.dateTime(tenant.deletionAt) })}
          </Note>
        </div>
      )}
      {tenant.state === 'suspended' && tenant.deletionAt === null && (
        <div className={css.panelNote}>
          <Note tone="orange" mark="suspended" title={t('suspended.title')}>
            {tenant.suspendReason ?? t('suspended.text')}
          </Note>
        </div>
      )}
      <div className={css.usage}>
        <Usage name={t('column.gateways')} used={tenant.usage.gateways} of={tenant.allowed.gateways} />
        <Usage
          name={t('column.messages')}
          used={tenant.usage.messagesThisHour}
          of={tenant.allowed.messagesPerHour}
        />
      </div>
      <KeyValues
        pairs={[
          [
            t('column.storage'),
            tenant.quotas.storageDays === null
              ? t('panel.storageOwn')
              : t('days', { count: tenant.quotas.storageDays }),
          ],
          [t('panel.rate'), rateOf(tenant, format.integer) ?? NOTHING],
          [t('column.people'), format.integer(tenant.usage.people)],
          [t('panel.groups'), format.integer(tenant.usage.groups)],
          [
            t('passwordGateways.row'),
            t(tenant.passwordGateways.allowed ? 'passwordGateways.allowed' : 'passwordGateways.denied', {
              count: tenant.passwordGateways.count,
            }),
          ],
          [t('panel.since'), format.date(tenant.createdAt)],
          tenant.suspendedAt === null ? null : [t('panel.suspendedAt'), format.dateTime(tenant.suspendedAt)],
          tenant.deletionAt === null ? null : [t('panel.deletionAt'), format.dateTime(tenant.deletionAt)],
        ]}
      />
      {(tenant.passwordGateways.count > 0 || tenant.passwordGateways.allowed) && (
        <div className={css.panelNote}>
          <PasswordGatewaysNote of={tenant.passwordGateways} />
        </div>
      )}
      <PanelActions {...props} />
    </aside>
  )
}

function PanelActions({ tenant, onAction }: { tenant: TenantDetails; onAction(action: TenantAction): void }) {
  const { t } = useTranslation('tenants')
  const mayWrite = useMay('tenants:write')
  const me = useMe()
  const ofSite = me?.ofSite === true
  const change = useMutation({ mutationFn: useSwitchTenant() })
  return (
    <div className={css.panelActions}>
      <Button
        variant="filled"
        renderRoot={(root) => <Link to="/admin/tenants" search={{ groups: tenant.slug }} {...root} />}
      >
        {t('panel.openGroups')}
      </Button>
      {me?.kind === 'person' && <Button onClick={() => change.mutate(tenant.slug)}>{t('panel.act')}</Button>}
      {mayWrite && <Button onClick={() => onAction('edit')}>{t('edit.open')}</Button>}
      {mayWrite && ofSite && (
        <>
          <Button onClick={() => onAction('quotas')}>{t('quotas.open')}</Button>
          {tenant.state === 'active' && (
            <Button onClick={() => onAction('suspend')}>{t('suspend.open')}</Button>
          )}
          {tenant.state === 'suspended' && tenant.deletionAt === null && (
            <Button onClick={() => onAction('resume')}>{t('resume.open')}</Button>
          )}
        </>
      )}
      {mayWrite && <Button onClick={() => onAction('export')}>{t('export.open')}</Button>}
      {mayWrite &&
        ofSite &&
        (tenant.deletionAt === null ? (
          <Button color="red" onClick={() => onAction('delete')}>
            {t('delete.open')}
          </Button>
        ) : (
          <Button onClick={() => onAction('keep')}>{t('keep.open')}</Button>
        ))}
      {change.error !== null && <ErrorNote error={change.error} />}
    </div>
  )
}

/** What is used of what is allowed, as numbers and as a bar. */
export function Usage({ name, used, of }: { name: string; used: number; of: number }) {
  const { t } = useTranslation('tenants')
  const format = useFormat()
  const near = isNear(used, of)
  return (
    <div>
      <p className={css.usageHead}>
        <span className="sec">{name}</span>
        <span className={near ? 't-yellow' : undefined}>
          {t('usage', { used: format.integer(used), of: format.integer(of) })}
        </span>
      </p>
      <Progress
        value={percentOf(used, of)}
        color={near ? 'var(--yellow)' : 'var(--text-3)'}
        size="sm"
        aria-label={name}
      />
    </div>
  )
}

function rateOf({ quotas }: TenantDetails, integer: (value: number) => string): string | null {
  if (quotas.messagesPerSecond === null) return null
  const rate = `${integer(quotas.messagesPerSecond)}/s`
  return quotas.burst === null ? rate : `${rate} (${integer(quotas.burst)})`
}
