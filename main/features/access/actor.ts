import type { Permission, Role } from '#contract/model/permission.ts'
import { rolePermissions } from '#contract/model/permission.ts'
import type { AuditActor } from '#features/audit/index.ts'

/** Who asks. `local`: whoever owns the data folder of this machine, by its socket or the desktop's window. */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'local'; name: string }
  | { kind: 'user'; id: string; name: string; email: string; role: Role; tenantId: string | null }

/** What an actor may see: the whole site, or one tenant. Repositories take it explicitly. */
export type TenantScope = { all: true } | { all: false; tenantId: string }

export const localSiteAdmin: Actor = { kind: 'local', name: 'local site_admin' }
export const anonymous: Actor = { kind: 'anonymous' }

export function permissionsOf(actor: Actor): readonly Permission[] {
  if (actor.kind === 'anonymous') return []
  return rolePermissions[actor.kind === 'local' ? 'site_admin' : actor.role]
}

/**
 * Only a site administrator sees the site. Everyone else sees their tenant, or, anonymous or by some mistake without
 * a tenant, nothing: no tenant has an empty id.
 */
export function scopeOf(actor: Actor): TenantScope {
  if (actor.kind === 'local' || (actor.kind === 'user' && actor.role === 'site_admin')) return { all: true }
  return { all: false, tenantId: (actor.kind === 'user' && actor.tenantId) || '' }
}

/** The actor as the audit writes it down. */
export function auditActor(actor: Actor): AuditActor {
  if (actor.kind === 'anonymous') return { kind: 'anonymous', id: null, name: 'anonymous' }
  return { kind: actor.kind, id: actor.kind === 'user' ? actor.id : null, name: actor.name }
}
