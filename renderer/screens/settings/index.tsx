import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { shell } from '#renderer/api/client.ts'
import { siteQuery } from '#renderer/api/session.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { AppearanceCard } from './appearance-card.tsx'
import { CalendarCard } from './calendar-card.tsx'
import { DataFolderCard } from './data-folder-card.tsx'
import { MqttListenersCard } from './mqtt-listeners-card.tsx'
import { NetworkCard } from './network-card.tsx'
import { PasswordGatewaysCard } from './password-gateways-card.tsx'
import { RetentionCard } from './retention-card.tsx'
import { StorageCard } from './retention-storage-card.tsx'
import css from './settings.module.css'
import { SignInCard } from './sign-in-card.tsx'
import { SignOnCard } from './sign-on-card.tsx'
import { SiteCard } from './site-card.tsx'
import { TrustCard } from './trust-card.tsx'

/** What this site is, where it listens, how long it keeps readings, how to trust it, and how it looks to this person. */
export function SettingsScreen() {
  const { t } = useTranslation('settings')
  const site = useQuery(siteQuery)
  const mayTrust = useMay('certificates:read')
  const mayKeep = useMay('site:write')
  const me = useMe()
  const isOfSite = me?.ofSite ?? false
  const { several, acting, tenants } = useTenants()
  const tenant = acting ?? (several ? null : (tenants[0] ?? null))
  const mayAdmit = useMay('tenants:write') && (me?.reach === 'site' || me?.reach === 'tenant')
  return (
    <Page title={t('title')}>
      {site.error !== null && <ErrorNote error={site.error} onRetry={() => void site.refetch()} />}
      {site.data === undefined ? (
        site.error === null && <Skeleton />
      ) : (
        <div className={css.columns}>
          <div className={css.stack}>
            <SiteCard site={site.data} />
            <AppearanceCard />
            <CalendarCard />
            {mayKeep && <SignInCard />}
            {mayKeep && <RetentionCard />}
            {shell !== undefined && <DataFolderCard shell={shell} dataDir={site.data.dataDir} />}
          </div>
          <div className={css.stack}>
            <NetworkCard site={site.data} />
            {mayKeep && <MqttListenersCard />}
            {mayAdmit && tenant !== null && <PasswordGatewaysCard tenant={tenant} />}
            {mayKeep && <StorageCard />}
            {mayKeep && isOfSite && <SignOnCard />}
            {mayTrust && <TrustCard site={site.data} />}
          </div>
        </div>
      )}
    </Page>
  )
}
