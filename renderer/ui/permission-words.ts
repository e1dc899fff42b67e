import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Permission } from '#contract/model/permission.ts'

export interface PermissionArea {
  /** `gateways` of `gateways:read`. */
  id: string
  name: string
  permissions: Permission[]
}

/** Permissions in words. */
export function usePermissionWords(): {
  nameOf(permission: Permission): string
  /** By area, in their order. */
  areasOf(permissions: readonly Permission[]): PermissionArea[]
} {
  const { t } = useTranslation('permissions')
  return useMemo(
    () => ({
      // A colon would part the namespace.
      nameOf: (permission) => t(`name.${permission.replace(':', '_')}` as 'name.users_read'),
      areasOf: (permissions) =>
        [...new Set(permissions.map(areaOf))].map((id) => ({
          id,
          name: t(`area.${id}` as 'area.users'),
          permissions: permissions.filter((permission) => areaOf(permission) === id),
        })),
    }),
    [t],
  )
}

function areaOf(permission: Permission): string {
  return permission.split(':')[0] ?? permission
}
