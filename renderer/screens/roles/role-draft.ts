import type { RoleInfo } from '#contract/api/roles.ts'
import type { Permission } from '#contract/model/permission.ts'

/** A role as it is being made or changed; `id` null: a new one. */
export interface RoleDraft {
  id: string | null
  name: string
  permissions: ReadonlySet<Permission>
}

export const newRole: RoleDraft = { id: null, name: '', permissions: new Set() }

export function draftOf({ id, name, permissions }: RoleInfo): RoleDraft {
  return { id, name, permissions: new Set(permissions) }
}

/** With these permissions, or without them where it has all of them. */
export function toggled(draft: RoleDraft, permissions: readonly Permission[]): RoleDraft {
  const next = new Set(draft.permissions)
  const hasAll = permissions.every((permission) => next.has(permission))
  for (const permission of permissions) {
    if (hasAll) next.delete(permission)
    else next.add(permission)
  }
  return { ...draft, permissions: next }
}
