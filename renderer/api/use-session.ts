import { useQuery } from '@tanstack/react-query'
import type { Me } from '#contract/api/auth.ts'
import type { SignInOptions } from '#contract/api/sign-in.ts'
import type { SiteInfo } from '#contract/api/site.ts'
import type { Permission } from '#contract/model/permission.ts'
import { may, meQuery, signInQuery, siteQuery } from './session.ts'

/** Who is signed in; undefined only while that is asked. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data
}

/** Whether the signed-in person has the permission: what they may not do is not shown. */
export function useMay(permission: Permission): boolean {
  return may(useMe(), permission)
}

/** Name, network and tenants of the site. */
export function useSite(): SiteInfo | undefined {
  return useQuery(siteQuery).data
}

/** How one signs in here; undefined while that is asked, and while a site is set up. */
export function useSignInOptions(): SignInOptions | undefined {
  return useQuery(signInQuery).data
}
