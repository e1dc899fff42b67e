import { type Permission, permissions } from '#contract/model/permission.ts'
import type { AuditActor } from '#features/audit/index.ts'
import type { TenantScope } from './scope.ts'

/**
 * Who asks. `local`: whoever owns the data folder of this machine, by its socket or the desktop's window. A person and
 * an API key come with their rights as they are at this moment: they are looked up for every call.
 */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'local'; name: string }
  | PersonActor
  | { kind: 'api_key'; id: string; name: string; permissions: readonly Permission[]; scope: TenantScope }

export interface PersonActor {
  kind: 'user'
  id: string
  name: string
  email: string
  /** Of the whole site, whatever tenant they look at now. */
  siteAdmin: boolean
  /** The role in `tenantId`; `site_admin` for those of the site. */
  roleId: string
  roleName: string
  permissions: readonly Permission[]
  /** The tenant in which they act; null: the whole site, or none. */
  tenantId: string | null
  scope: TenantScope
  /**
   * What stands between them and their rights: until it is done they have none but over their own account. `unlock`: nor
   * that, before the password is given again.
   */
  pending: 'unlock' | 'password' | 'second_factor' | null
  sessionId: string
}

export const localSiteAdmin: Actor = { kind: 'local', name: 'local site_admin' }
export const anonymous: Actor = { kind: 'anonymous' }

/** Sees nothing: no tenant has an empty id. */
export const nothing: TenantScope = { all: false, tenantId: '', within: null }

export function permissionsOf(actor: Actor): readonly Permission[] {
  switch (actor.kind) {
    case 'anonymous':
      return []
    case 'local':
      return permissions
    case 'user':
      return actor.pending === null ? actor.permissions : []
    case 'api_key':
      return actor.permissions
  }
}

export function scopeOf(actor: Actor): TenantScope {
  switch (actor.kind) {
    case 'anonymous':
      return nothing
    case 'local':
      return { all: true }
    case 'user':
      return actor.pending === null ? actor.scope : nothing
    case 'api_key':
      return actor.scope
  }
}

/** Whether the actor's rights are over the whole site, even where they look at one tenant of it now. */
export function isOfSite(actor: Actor): boolean {
  return actor.kind === 'local' || (actor.kind === 'user' ? actor.siteAdmin : scopeOf(actor).all)
}

/** The actor as the audit writes it down. */
export function auditActor(actor: Actor): AuditActor {
  if (actor.kind === 'anonymous') return { kind: 'anonymous', id: null, name: 'anonymous' }
  return { kind: actor.kind, id: actor.kind === 'local' ? null : actor.id, name: actor.name }
}
