import * as z from 'zod'

/** Named rights, as domain.md seeds them. Roles are made of these. */
export const permissions = [
  'tenants:read',
  'tenants:write',
  'gateways:read',
  'gateways:write',
  'certificates:read',
  'certificates:write',
  'telemetry:read',
  'telemetry:export',
  'dashboards:write',
  'audit:read',
  'site:write',
] as const
export type Permission = (typeof permissions)[number]

/**
 * `public`: before anyone signed in. `signed_in`: every signed-in person. `nobody`: what a procedure has that does
 * not say who may call it; a test finds those.
 */
export type Access = Permission | 'public' | 'signed_in' | 'nobody'

export const roles = ['site_admin', 'tenant_admin', 'operator', 'viewer'] as const
export type Role = (typeof roles)[number]
export const RoleSchema = z.enum(roles)

const reading: Permission[] = [
  'tenants:read',
  'gateways:read',
  'certificates:read',
  'telemetry:read',
  'telemetry:export',
]

/** What each role may do. `site_admin` is the only one beyond its tenant. */
export const rolePermissions: Record<Role, readonly Permission[]> = {
  site_admin: permissions,
  tenant_admin: [...reading, 'gateways:write', 'dashboards:write', 'certificates:write', 'audit:read'],
  operator: [...reading, 'gateways:write', 'dashboards:write'],
  viewer: reading,
}
