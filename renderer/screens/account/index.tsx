import { useTranslation } from 'react-i18next'
import { useMe } from '#renderer/api/use-session.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './account.module.css'
import { BelongingCard } from './belonging-card.tsx'
import { DataCard } from './data-card.tsx'
import { FactorCard } from './factor-card.tsx'
import { MqttCard } from './mqtt-card.tsx'
import { PasswordCard } from './password-card.tsx'
import { ProfileCard } from './profile-card.tsx'
import { SessionsCard } from './sessions-card.tsx'
import { useAccount } from './use-account.ts'

/** A person's own account: who they are, how they sign in, where they are signed in, where they belong. */
export function AccountScreen() {
  const { t } = useTranslation('account')
  const me = useMe()
  if (me !== undefined && me.kind !== 'person')
    return (
      <Page title={t('title')}>
        <Empty title={t('nobody')} text={t('nobodyText')} />
      </Page>
    )
  return (
    <Page title={t('title')}>
      <Cards />
    </Page>
  )
}

function Cards() {
  const { data: account, error, refetch } = useAccount()
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />
  if (account === undefined) return <Skeleton />
  return (
    <div className={css.columns}>
      <div className={css.stack}>
        <ProfileCard account={account} />
        {account.hasPassword && <PasswordCard account={account} />}
        {account.hasPassword && <FactorCard account={account} />}
      </div>
      <div className={css.stack}>
        <SessionsCard />
        <BelongingCard account={account} />
        <MqttCard />
        <DataCard account={account} />
      </div>
    </div>
  )
}
