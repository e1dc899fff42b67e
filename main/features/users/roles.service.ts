import type { RoleInfo } from '#contract/api/roles.ts'
import { ExpectedError } from '#contract/errors.ts'
import {
  roles as builtIn,
  type Permission,
  permissions,
  sitePermissions,
} from '#contract/model/permission.ts'
import { type Actor, isOfSite, requireReach, scopeOf, seesTenant } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { permissionsOfRole } from '#features/identity/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { giverOf, requireWithin } from './rights.ts'
import {
  deleteRole,
  insertRole,
  listRoles,
  peopleByRole,
  type RoleRow,
  roleById,
  updateRole,
} from './roles.repository.ts'

/** Of one tenant. */
const MOST_ROLES = 100

export interface RolesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: Pick<TenantsService, 'resolve'>
  /** Everybody who has it may something else from now on. */
  roleChanged?(roleId: string): void
}

export interface RoleInput {
  name: string
  permissions: readonly Permission[]
  secondFactor: boolean
}
type Changes = { [Key in keyof RoleInput]?: RoleInput[Key] | undefined }

/** Own roles of tenants, and what a site decides of the built-in ones. */
export class RolesService {
  readonly #dependencies: RolesDependencies

  constructor(dependencies: RolesDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(actor: Actor, tenant: string | undefined): Promise<RoleInfo[]> {
    const { db } = this.#dependencies
    const scope = scopeOf(actor)
    const tenantId =
      tenant === undefined
        ? scope.all
          ? null
          : scope.tenantId
        : (await this.#dependencies.tenants.resolve(scope, tenant)).id
    const [rows, people] = await Promise.all([listRoles(db, tenantId), peopleByRole(db, tenantId)])
    // Who administers the whole site is not for its tenants to see.
    const shown = rows.filter(({ id }) => id !== 'site_admin' || isOfSite(actor))
    return shown.toSorted(byPlace).map((row) => toRole(row, people.get(row.id) ?? 0))
  }

  /** @throws ExpectedError `tenant_unknown`, `role_name_taken`, `rights_beyond`, `too_many_roles` */
  async create(
    actor: Actor,
    { tenant, ...input }: RoleInput & { tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<RoleInfo> {
    const { db, clock, audit: log, tenants } = this.#dependencies
    const tenantId = (await tenants.resolve(scopeOf(actor), tenant)).id
    const id = uuid7(clock.now())
    audit.about('role', id, tenantId, { after: input })
    requirePermissions(actor, tenantId, input.permissions)
    const row = { id, tenantId, ...toColumns(input), createdAt: clock.now() }
    await db.transaction().execute(async (trx) => {
      const others = await this.#requireFreeName(trx, tenantId, input.name, id)
      if (others >= MOST_ROLES) throw new ExpectedError('too_many_roles', { limit: MOST_ROLES })
      await insertRole(trx, row)
      await log.recordIn(trx, audit)
    })
    return toRole(row, 0)
  }

  /**
   * Everybody who has the role has it changed at once.
   * @throws ExpectedError `not_found`, `role_name_taken`, `rights_beyond`, `role_built_in`, `forbidden_reach`
   */
  async update(actor: Actor, roleId: string, changes: Changes, audit: AuditDraft): Promise<RoleInfo> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const row = await this.#visible(trx, actor, roleId)
      const before = inputOf(row)
      const after = { ...before, ...withoutUndefined(changes) }
      audit.about('role', row.id, row.tenantId, { before, after })
      if (row.tenantId === null) {
        if (changes.name !== undefined || changes.permissions !== undefined)
          throw new ExpectedError('role_built_in', { name: row.name })
        requireReach('site', actor)
      } else {
        // Neither what it gave nor what it gives may be beyond the caller: it is taken from others, or given to them.
        requirePermissions(actor, row.tenantId, before.permissions)
        requirePermissions(actor, row.tenantId, after.permissions)
        await this.#requireFreeName(trx, row.tenantId, after.name, row.id)
      }
      await updateRole(trx, row.id, row.tenantId === null ? secondFactorOf(after) : toColumns(after))
      await log.recordIn(trx, audit)
    })
    this.#dependencies.roleChanged?.(roleId)
    const found = (await this.list(actor, undefined)).find(({ id }) => id === roleId)
    if (found === undefined) throw notFound(roleId)
    return found
  }

  /** @throws ExpectedError `not_found`, `role_in_use`, `rights_beyond`, `role_built_in` */
  async delete(actor: Actor, roleId: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const row = await this.#visible(trx, actor, roleId)
      const before = inputOf(row)
      audit.about('role', row.id, row.tenantId, { before })
      if (row.tenantId === null) throw new ExpectedError('role_built_in', { name: row.name })
      requirePermissions(actor, row.tenantId, before.permissions)
      const people = (await peopleByRole(trx, row.tenantId)).get(row.id) ?? 0
      if (people > 0) throw new ExpectedError('role_in_use', { name: row.name, people })
      await deleteRole(trx, row.id)
      await log.recordIn(trx, audit)
    })
  }

  /**
   * A role that a person of a tenant may have: built in, or the tenant's own.
   * @throws ExpectedError `not_found`
   */
  async ofTenant(db: SiteDb | SiteTrx, tenantId: string, roleId: string) {
    const row = await roleById(db, roleId)
    if (!row || row.id === 'site_admin' || (row.tenantId !== null && row.tenantId !== tenantId))
      throw notFound(roleId)
    return { id: row.id, name: row.name, permissions: permissionsOfRole(row) }
  }

  async #visible(trx: SiteTrx, actor: Actor, roleId: string): Promise<RoleRow> {
    const row = await roleById(trx, roleId)
    if (!row || (row.tenantId !== null && !seesTenant(scopeOf(actor), row.tenantId))) throw notFound(roleId)
    return row
  }

  /** @returns how many own roles there are beside it */
  async #requireFreeName(trx: SiteTrx, tenantId: string, name: string, id: string): Promise<number> {
    const others = (await listRoles(trx, tenantId)).filter((role) => role.id !== id)
    const key = nameKey(name)
    // "Viewer" beside the built-in one would be taken for it.
    if (others.some((role) => nameKey(role.name) === key || role.id === key.replaceAll(' ', '_')))
      throw new ExpectedError('role_name_taken', { name })
    return others.filter((role) => role.tenantId !== null).length
  }
}

/** @throws ExpectedError `rights_beyond`: also for rights over the site, which no own role is made of */
function requirePermissions(actor: Actor, tenantId: string, asked: readonly Permission[]): void {
  const ofSite = asked.filter((permission) => sitePermissions.includes(permission))
  if (ofSite.length > 0) throw new ExpectedError('rights_beyond', { beyond: ofSite.join(', ') })
  requireWithin(giverOf(actor), { tenantId, permissions: asked, reach: 'tenant', groupIds: [] })
}

function inputOf(row: RoleRow): RoleInput {
  return { name: row.name, permissions: permissionsOfRole(row), secondFactor: row.secondFactor === 1 }
}

function toColumns({ name, permissions: asked, secondFactor }: RoleInput) {
  const listed = permissions.filter((permission) => asked.includes(permission))
  return { name, permissions: JSON.stringify(listed), ...secondFactorOf({ secondFactor }) }
}

function secondFactorOf({ secondFactor }: Pick<RoleInput, 'secondFactor'>) {
  return { secondFactor: secondFactor ? (1 as const) : (0 as const) }
}

function toRole(row: Omit<RoleRow, 'createdAt'>, people: number): RoleInfo {
  return {
    id: row.id,
    tenantId: row.tenantId,
    name: row.name,
    permissions: [...permissionsOfRole(row)],
    secondFactor: row.secondFactor === 1,
    people,
  }
}

/** Built-in ones first, the mightiest of them first. */
function byPlace(a: RoleRow, b: RoleRow): number {
  const place = ({ id }: RoleRow) => {
    const at = builtIn.findIndex((role) => role === id)
    return at < 0 ? builtIn.length : at
  }
  return place(a) - place(b) || a.name.localeCompare(b.name)
}

function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

function withoutUndefined(changes: Changes): Partial<RoleInput> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

function notFound(roleId: string): ExpectedError {
  return new ExpectedError('not_found', { what: 'role', id: roleId })
}
