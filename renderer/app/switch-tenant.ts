import { useLocation, useNavigate } from '@tanstack/react-router'
import type { Me } from '#contract/api/auth.ts'
import { api } from '../api/client.ts'
import { beginSession } from '../api/session.ts'
import { sectionsFor } from '../screens/administration/sections.ts'

/**
 * Acts in another tenant from here on; null: the whole site. What was shown is forgotten and asked for anew. The
 * address stays where it means something there too: one thing of the tenant that was left would not be found.
 *
 * @returns takes the tenant's slug
 */
export function useSwitchTenant(): (slug: string | null) => Promise<void> {
  const navigate = useNavigate()
  const { pathname } = useLocation()
  return async (slug) => {
    const me = await api.auth.switchTenant({ tenant: slug })
    await navigate({ to: meansTheSame(pathname, me) ? pathname : '/', search: {} })
    beginSession(me)
  }
}

/** Whether an address shows something in any tenant: a list does, one thing of it does not. */
function meansTheSame(pathname: string, me: Me): boolean {
  if (pathname.startsWith('/admin')) return sectionsFor(me).some(({ to }) => pathname.startsWith(to))
  return !/^\/[^/]+\/./.test(pathname)
}
