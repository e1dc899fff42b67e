import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Note } from '#renderer/ui/note.tsx'

/** Gateways with a secret that wait before a closed door: the tenant's, or the site's. */
export function PasswordGatewaysNote({ of }: { of: TenantDetails['passwordGateways'] }) {
  const { t } = useTranslation('tenants')
  const mayOpen = useMay('site:write')
  const { allowed, count, listenerOpen } = of
  if (count > 0 && !allowed)
    return (
      <Note tone="yellow" title={t('passwordGateways.off', { count })}>
        {t('passwordGateways.offText')}
      </Note>
    )
  if (!allowed || listenerOpen) return null
  return (
    <Note
      tone="yellow"
      title={t('passwordGateways.closed')}
      action={mayOpen && <Link to="/settings">{t('passwordGateways.open')}</Link>}
    >
      {t(mayOpen ? 'passwordGateways.closedText' : 'passwordGateways.closedAsk')}
    </Note>
  )
}
