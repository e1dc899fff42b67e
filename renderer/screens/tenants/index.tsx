import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { GroupsPage } from './groups-page.tsx'
import { TenantsPage } from './tenants-page.tsx'

/** Tenants for those who have to do with several; for everyone else, the groups of the only one. */
export function TenantsScreen() {
  const { several, tenants, acting } = useTenants()
  const me = useMe()
  const search: { groups?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const alone = acting ?? (several ? null : (tenants[0] ?? null))
  const shown = alone ?? tenants.find(({ slug }) => slug === search.groups) ?? null
  const seesAll = me?.reach === 'site' && several
  if (shown === null) return <TenantsPage />
  return (
    <GroupsPage
      key={shown.id}
      tenant={shown}
      named={several}
      onBack={seesAll && acting === null ? () => void navigate({ to: '/admin/tenants', search: {} }) : null}
    />
  )
}
