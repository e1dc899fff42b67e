import type { ApiKeyReach } from '#contract/api/api-keys.ts'
import type { Me } from '#contract/api/auth.ts'
import { type Permission, sitePermissions } from '#contract/model/permission.ts'

/** What a person fills in of a new key. */
export interface KeyForm {
  name: string
  reach: ApiKeyReach
  tenantId: string | null
  groupId: string | null
  scopes: readonly Permission[]
  /** Null: it does not expire. */
  days: number | null
}

/** How far the person may let a key go, the farthest first: no further than they do. */
export function reachesOf(me: Me, several: boolean): ApiKeyReach[] {
  switch (me.reach) {
    case 'site':
      // With one tenant its whole is the whole site.
      return several ? ['site', 'tenant', 'group'] : ['site', 'group']
    case 'tenant':
      return ['tenant', 'group']
    case 'groups':
      return ['group']
    case 'own':
      return ['own']
  }
}

/** Permissions that a key of this reach may be given by the person. */
export function scopesFor(me: Me, reach: ApiKeyReach): Permission[] {
  return me.permissions.filter((permission) => reach === 'site' || !sitePermissions.includes(permission))
}

/** What is still missing. */
export function problemsOf(form: KeyForm): ('name' | 'tenant' | 'group' | 'scopes')[] {
  return [
    ...(form.name.trim() === '' ? ['name' as const] : []),
    ...(form.reach === 'tenant' && form.tenantId === null ? ['tenant' as const] : []),
    ...(form.reach === 'group' && form.groupId === null ? ['group' as const] : []),
    ...(form.scopes.length === 0 ? ['scopes' as const] : []),
  ]
}

/** The form as the site takes it. */
export function askedOf({ name, reach, tenantId, groupId, scopes, days }: KeyForm) {
  return {
    name: name.trim(),
    reach,
    scopes: [...scopes],
    expiresInDays: days,
    ...(reach === 'tenant' && tenantId !== null && { tenant: tenantId }),
    ...(reach === 'group' && groupId !== null && { group: groupId }),
  }
}
