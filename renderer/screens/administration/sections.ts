import type { Me } from '#contract/api/auth.ts'
import type { Permission } from '#contract/model/permission.ts'
import { may } from '#renderer/api/session.ts'

export interface Section {
  name: 'tenants' | 'users' | 'roles' | 'apiKeys' | 'mqttClients' | 'dialects' | 'audit'
  /** Below `/admin`. */
  to: string
  /** Any of these opens it. */
  needs: readonly Permission[]
}

/** The sub-navigation of Administration, in its order. */
export const sections: readonly Section[] = [
  { name: 'tenants', to: '/admin/tenants', needs: ['tenants:write'] },
  { name: 'users', to: '/admin/users', needs: ['users:read'] },
  { name: 'roles', to: '/admin/roles', needs: ['users:read'] },
  { name: 'apiKeys', to: '/admin/api-keys', needs: ['api-keys:write'] },
  { name: 'mqttClients', to: '/admin/mqtt-clients', needs: ['mqtt-clients:write'] },
  { name: 'dialects', to: '/admin/dialects', needs: ['site:write'] },
  { name: 'audit', to: '/admin/audit', needs: ['audit:read'] },
]

/** What the person may open; none: Administration is not shown at all. */
export function sectionsFor(me: Me | undefined): Section[] {
  return sections.filter(({ needs }) => needs.some((permission) => may(me, permission)))
}
