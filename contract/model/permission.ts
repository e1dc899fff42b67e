import * as z from 'zod'

/** Named rights, as domain.md seeds them. Roles, own ones too, and API keys are made of these. */
export const permissions = [
  'tenants:read',
  'tenants:write',
  'users:read',
  'users:write',
  'roles:write',
  'gateways:read',
  'gateways:write',
  'gateways:command',
  'gateways:flash',
  'claims:accept',
  'certificates:read',
  'certificates:write',
  'telemetry:read',
  'telemetry:export',
  'alarms:read',
  'alarms:acknowledge',
  'alarms:write',
  'dashboards:write',
  'firmware:read',
  'firmware:write',
  'rollouts:write',
  'mqtt-clients:write',
  'api-keys:write',
  'audit:read',
  'cloud:write',
  'site:write',
] as const
export type Permission = (typeof permissions)[number]
export const PermissionSchema = z.enum(permissions)

/**
 * `public`: before anyone signed in. `signed_in`: whoever is known, API keys too. `person`: a signed-in person about
 * their own account. `nobody`: what a procedure has that does not say who may call it; a test finds those.
 */
export type Access = Permission | 'public' | 'signed_in' | 'person' | 'nobody'

/** The built-in roles. `site_admin` is beyond tenants; the others, and own ones, are what a person is in a tenant. */
export const roles = ['site_admin', 'tenant_admin', 'operator', 'viewer'] as const
export type Role = (typeof roles)[number]
export const RoleSchema = z.enum(roles)

/** Rights over the site itself: nobody of a tenant has them, and no own role or tenant's API key is made of them. */
export const sitePermissions: readonly Permission[] = ['cloud:write', 'site:write']

const reading: Permission[] = [
  'tenants:read',
  'gateways:read',
  'certificates:read',
  'telemetry:read',
  'telemetry:export',
  'alarms:read',
]

const operating: Permission[] = [
  ...reading,
  'gateways:write',
  'gateways:command',
  'gateways:flash',
  'claims:accept',
  'alarms:acknowledge',
  'dashboards:write',
  'firmware:read',
]

/** What each built-in role may do. `tenants:write` of a tenant is about its name and its groups. */
export const rolePermissions: Record<Role, readonly Permission[]> = {
  site_admin: permissions,
  tenant_admin: permissions.filter((permission) => !sitePermissions.includes(permission)),
  operator: operating,
  viewer: reading,
}
