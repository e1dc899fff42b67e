import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { useMe, useSite } from '../api/use-session.ts'

export interface TenantScope {
  /** The tenant that the screen is narrowed to by its address (`?tenant=<slug>`); null for all that is seen. */
  tenant: TenantRef | null
  /** Whether more than one tenant is seen: with one, no list says the word. */
  several: boolean
  tenants: readonly TenantRef[]
  choose(slug: string | null): void
}

/** The tenants that the screens show now, and the filter by one of them in the address. */
export function useTenantScope(): TenantScope {
  const { tenant: slug }: { tenant?: unknown } = useSearch({ strict: false })
  const navigate = useNavigate()
  const tenants = useSite()?.tenants ?? []
  return {
    tenant: tenants.length > 1 ? (tenants.find((tenant) => tenant.slug === slug) ?? null) : null,
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

export interface Tenants {
  /** Whether the person has to do with more than one: with one, no screen says the word. */
  several: boolean
  /** All that they may act in. */
  tenants: readonly TenantRef[]
  /** The one that they act in; null: the whole site. */
  acting: TenantRef | null
}

/** The tenants that the signed-in person may act in, whichever of them is shown now. */
export function useTenants(): Tenants {
  const me = useMe()
  const tenants = me?.tenants ?? []
  return {
    several: tenants.length > 1,
    tenants,
    acting: tenants.find(({ id }) => id === me?.tenantId) ?? null,
  }
}
