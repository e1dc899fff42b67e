import {
  type Permission,
  permissions,
  type Role,
  rolePermissions,
  sitePermissions,
} from '#contract/model/permission.ts'
import {
  type Actor,
  anonymous,
  type PersonActor,
  type TenantScope,
  wholeTenant,
} from '#features/access/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import * as repository from './memberships.repository.ts'

/** What a session says of a person; the rest is looked up. */
export interface PersonSession {
  sessionId: string
  userId: string
  /** The tenant they chose to act in; null: none chosen. */
  tenantId: string | null
  /** Signed in with an outside provider, which sees to second factors itself. */
  isSignOn: boolean
  /** Nobody was at it for too long, or it was locked by hand. */
  isLocked?: boolean
}

/** Who a person is at this moment, and what they may do: never kept, so that a right that was taken is gone at once. */
export class ActorLookup {
  readonly #db: SiteDb
  readonly #tenants: Pick<TenantsService, 'groups'>

  constructor(dependencies: { db: SiteDb; tenants: Pick<TenantsService, 'groups'> }) {
    this.#db = dependencies.db
    this.#tenants = dependencies.tenants
  }

  /** Anonymous where the account is suspended or gone, or they may not act in the tenant chosen, or in none at all. */
  async person(session: PersonSession): Promise<Actor> {
    const user = await repository.userById(this.#db, session.userId)
    if (user?.state !== 'active') return anonymous
    const { id, name, email } = user
    const standing = user.siteAdmin === 1 ? await this.#ofSite(session) : await this.#ofTenant(session)
    if (standing === null) return anonymous
    const { secondFactorAsked, ...rights } = standing
    const needsFactor =
      secondFactorAsked && !session.isSignOn && !(await repository.hasSecondFactor(this.#db, id))
    const pending = firstOf([
      session.isLocked === true && 'unlock',
      user.mustChangePassword === 1 && 'password',
      needsFactor && 'second_factor',
    ])
    return { kind: 'user', id, name, email, ...rights, pending, sessionId: session.sessionId }
  }

  async #ofSite({ tenantId }: PersonSession): Promise<Standing | null> {
    const role = await repository.roleById(this.#db, 'site_admin')
    return {
      siteAdmin: true,
      roleId: 'site_admin',
      roleName: 'site_admin',
      permissions,
      tenantId,
      scope: tenantId === null ? { all: true } : wholeTenant(tenantId),
      secondFactorAsked: role?.secondFactor === 1,
    }
  }

  async #ofTenant({ userId, tenantId }: PersonSession): Promise<Standing | null> {
    const memberships = await repository.activeMemberships(this.#db, userId)
    // What was opened for one tenant never acts in another: only where none was chosen it is the oldest that counts.
    const membership =
      tenantId === null ? memberships[0] : memberships.find((one) => one.tenantId === tenantId)
    if (membership === undefined) return null
    return {
      siteAdmin: false,
      roleId: membership.roleId,
      roleName: membership.roleName,
      permissions: permissionsOfRole({ id: membership.roleId, permissions: membership.permissions }),
      tenantId: membership.tenantId,
      scope: await this.scopeOfMembership(this.#db, { userId, ...membership }),
      secondFactorAsked: membership.secondFactor === 1,
    }
  }

  /** What a membership reaches: the tenant, or some groups with all below them and own gateways. */
  async scopeOfMembership(
    db: SiteDb | SiteTrx,
    { userId, tenantId, reach }: { userId: string; tenantId: string; reach: 'tenant' | 'groups' | 'own' },
  ): Promise<TenantScope> {
    if (reach === 'tenant') return wholeTenant(tenantId)
    const groupIds = reach === 'groups' ? await repository.groupsOf(db, userId, tenantId) : []
    return {
      all: false,
      tenantId,
      within: { groupIds: this.#tenants.groups.below(groupIds), ownerUserId: userId },
    }
  }
}

/** What comes first of all that stands in the way. */
function firstOf<Need extends string>(needs: (Need | false)[]): Need | null {
  return needs.find((need) => need !== false) ?? null
}

type Standing = Omit<PersonActor, 'kind' | 'id' | 'name' | 'email' | 'pending' | 'sessionId'> & {
  secondFactorAsked: boolean
}

/** What a role is made of. Rights over the site are in no tenant's role, whatever a store says. */
export function permissionsOfRole(role: { id: string; permissions: string }): readonly Permission[] {
  if (role.id in rolePermissions) return rolePermissions[role.id as Role]
  const named = JSON.parse(role.permissions) as string[]
  return permissions.filter(
    (permission) => named.includes(permission) && !sitePermissions.includes(permission),
  )
}
