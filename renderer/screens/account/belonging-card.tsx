import { useTranslation } from 'react-i18next'
import type { Account } from '#contract/api/account.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { Card, Pill } from '#renderer/ui/layout.tsx'
import { useRoleName } from '#renderer/ui/role-name.ts'
import css from './account.module.css'

type Membership = Account['memberships'][number]

/** As what the person acts, and where. A site with one tenant does not name it. */
export function BelongingCard({ account }: { account: Account }) {
  const { t } = useTranslation('account')
  const roleName = useRoleName()
  const reachText = useReachText()
  const several = (useSite()?.tenants.length ?? 1) > 1 || account.memberships.length > 1
  return (
    <Card title={t('belonging.title')}>
      <ul className={css.list}>
        {account.siteAdmin && (
          <li className={css.item}>
            <div>
              <p className="strong">{roleName('site_admin')}</p>
              <p className="small sec">{t('belonging.site')}</p>
            </div>
          </li>
        )}
        {account.memberships.map((one) => (
          <li className={css.item} key={one.tenant.id}>
            <div>
              <p className="strong">{several ? one.tenant.name : roleName(one.role, one.roleName)}</p>
              <p className="small sec">
                {several && `${roleName(one.role, one.roleName)} · `}
                {reachText(one)}
              </p>
            </div>
            {one.isSuspended && <Pill tone="orange">{t('belonging.suspended')}</Pill>}
          </li>
        ))}
      </ul>
      <p className={`${css.foot} small sec`}>{t('belonging.who')}</p>
    </Card>
  )
}

/** How far the role goes there. */
function useReachText(): (membership: Membership) => string {
  const { t } = useTranslation('account')
  return ({ reach, groups }) => {
    if (reach === 'tenant') return t('belonging.tenant')
    if (reach === 'own') return t('belonging.own')
    return t('belonging.groups', { groups: groups.map(({ name }) => name).join(', ') })
  }
}
