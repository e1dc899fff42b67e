import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Membership, User } from '#contract/api/users.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

export const stateMarks: Record<User['state'], Mark> = {
  active: 'online',
  invited: 'waiting',
  suspended: 'suspended',
}

export interface UserWords {
  role(role: { id: string; name: string }): string
  roles(user: User): string
  where(user: User): string
  reach(membership: Membership): string
}

/** What people are and where, in words. */
export function useUserWords(): UserWords {
  const { t } = useTranslation(['users', 'common'])
  const { several, acting } = useTenants()
  const named = several && acting === null
  return useMemo(() => {
    const role: UserWords['role'] = ({ id, name }) =>
      id === 'site_admin' || id === 'tenant_admin' || id === 'operator' || id === 'viewer'
        ? t(several || id !== 'tenant_admin' ? `common:role.${id}` : 'users:role.onlyTenantAdmin')
        : name
    const reach: UserWords['reach'] = (membership) => {
      if (membership.reach === 'own') return t('users:reach.own')
      if (membership.reach === 'tenant') return t(several ? 'users:reach.tenant' : 'users:reach.all')
      return membership.groups.map(({ name }) => name).join(', ') || t('users:reach.none')
    }
    return {
      role,
      reach,
      roles: ({ siteAdmin, memberships }) =>
        siteAdmin
          ? t('common:role.site_admin')
          : [...new Set(memberships.map((one) => role({ id: one.roleId, name: one.roleName })))].join(', '),
      where: ({ siteAdmin, memberships }) => {
        if (siteAdmin) return t('users:reach.site')
        return memberships
          .map((one) =>
            !named
              ? reach(one)
              : one.reach === 'tenant'
                ? one.tenantName
                : t('users:reach.part', { tenant: one.tenantName, part: reach(one) }),
          )
          .join('; ')
      },
    }
  }, [t, several, named])
}
