import { useNavigate, useSearch } from '@tanstack/react-router'
import { useSite } from '../api/use-session.ts'

export interface TenantScope {
  /** The tenant that the screens are narrowed to; null for all. */
  tenant: { id: string; slug: string; name: string } | null
  /** Whether the site has more than one: with one, no screen says the word. */
  several: boolean
  tenants: readonly { id: string; slug: string; name: string }[]
  choose(slug: string | null): void
}

/** The tenant filter of the top bar: it lives in the address, on every screen. */
export function useTenantScope(): TenantScope {
  const { tenant: slug }: { tenant?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const tenants = useSite()?.tenants ?? []
  return {
    tenant: tenants.find((tenant) => tenant.slug === slug) ?? null,
    several: tenants.length > 1,
    tenants,
    choose: (next) => {
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, tenant: next ?? undefined }),
      } as never)
    },
  }
}
