import { isWhole, type TenantScope } from '#features/access/index.ts'

/** How far the rights of whoever asked for a job went, as it is kept with the job. */
export interface SavedScope {
  tenantId: string
  /** Null: the whole tenant. */
  within: { groupIds: string[]; ownerUserId: string | null } | null
}

export function saveScope(scope: TenantScope, tenantId: string): SavedScope {
  if (scope.all || scope.within === null) return { tenantId, within: null }
  const { groupIds, ownerUserId } = scope.within
  return { tenantId, within: { groupIds: [...groupIds].toSorted(), ownerUserId } }
}

export function openScope({ tenantId, within }: SavedScope): TenantScope {
  if (within === null) return { all: false, tenantId, within: null }
  return { all: false, tenantId, within: { ...within, groupIds: new Set(within.groupIds) } }
}

/** Whether somebody may have a job done again that was asked for with these rights: they have no less. */
export function covers(scope: TenantScope, saved: SavedScope): boolean {
  if (!scope.all && scope.tenantId !== saved.tenantId) return false
  if (isWhole(scope)) return true
  return JSON.stringify(saveScope(scope, saved.tenantId)) === JSON.stringify(saved)
}
