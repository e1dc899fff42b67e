import type { Membership } from '#contract/api/users.ts'

/** What a person shall be in a tenant, as it is being filled in. */
export interface MembershipForm {
  tenantId: string | null
  role: string | null
  reach: Membership['reach']
  groups: string[]
}

export function formOf({ tenantId, roleId, reach, groups }: Membership): MembershipForm {
  return { tenantId, role: roleId, reach, groups: groups.map(({ id }) => id) }
}

export type MembershipProblem = 'tenant' | 'role' | 'groups'

/** What is missing, by field. */
export function problemsOf(form: MembershipForm): MembershipProblem[] {
  return [
    ...(form.tenantId === null ? ['tenant' as const] : []),
    ...(form.role === null ? ['role' as const] : []),
    ...(form.reach === 'groups' && form.groups.length === 0 ? ['groups' as const] : []),
  ]
}

/** For the site, once nothing is missing. */
export function membershipOf(form: MembershipForm) {
  if (form.tenantId === null || form.role === null) throw new Error('the form is not filled in')
  const { tenantId: tenant, role, reach, groups } = form
  return { tenant, role, reach, groups: reach === 'groups' ? groups : [] }
}
