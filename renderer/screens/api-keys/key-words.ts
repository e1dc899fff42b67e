import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

export const stateMarks: Record<ApiKey['state'], Mark> = {
  active: 'online',
  expired: 'stale',
  revoked: 'revoked',
  cut_off: 'suspended',
}

/** How far keys go, in words; with one tenant without that word. */
export function useKeyWords(): { reach(key: ApiKey): string } {
  const { t } = useTranslation('api-keys')
  const { several, acting } = useTenants()
  const named = several && acting === null
  return useMemo(() => {
    const partOf = ({ reach, tenant, group, createdBy }: ApiKey): string => {
      switch (reach) {
        case 'site':
          return t('reach.site')
        case 'tenant':
          return named && tenant !== null ? tenant.name : t(several ? 'reach.tenant' : 'reach.all')
        case 'group':
          return group?.name ?? ''
        case 'own':
          return t('reach.ownOf', { name: createdBy?.name ?? '' })
      }
    }
    return {
      reach: (key) =>
        named && key.tenant !== null && key.reach !== 'tenant'
          ? t('reach.part', { tenant: key.tenant.name, part: partOf(key) })
          : partOf(key),
    }
  }, [t, several, named])
}
