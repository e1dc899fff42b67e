import type { Group } from '#contract/api/groups.ts'
import { GROUP_DEPTH, GROUPS_PER_TENANT } from '#contract/api/groups.ts'
import { ExpectedError } from '#contract/errors.ts'
import { isWhole, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { findGroup, type GroupReference } from './find-group.ts'
import { type GroupRow, seesGroup } from './group-tree.ts'
import { inTreeOrder } from './group-views.ts'
import * as repository from './groups.repository.ts'
import { gatewayCountsByGroup } from './tenants.repository.ts'
import type { TenantsService } from './tenants.service.ts'

export interface GroupsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  /** The live picture and the broker follow: these gateways are in another group, or it is elsewhere now. */
  regrouped(gatewayIds: string[]): Promise<void>
}

/**
 * A tenant's tree of groups. Changes run one after the other, so that each is judged by the tree as it is. Who has
 * rights over some groups acts inside them: not on what stands above, nor beside.
 */
export class GroupsService {
  readonly #dependencies: GroupsDependencies
  readonly #inTurn = oneAtATime()

  constructor(dependencies: GroupsDependencies) {
    this.#dependencies = dependencies
  }

  /** Every group in scope, each followed by those below it. @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<Group[]> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const seen = tenants.groups
      .all()
      .filter((group) => seesGroup(scope, group) && (tenantId === null || group.tenantId === tenantId))
    return inTreeOrder(seen, tenants.groups, scope, await gatewayCountsByGroup(db))
  }

  /** By id, or path from the top that the caller sees. @throws ExpectedError `not_found`, `tenant_unknown` */
  find(scope: TenantScope, reference: GroupReference): Promise<GroupRow> {
    return findGroup(this.#dependencies.tenants, scope, reference)
  }

  /**
   * @param input `id`: of a group that is elsewhere too
   * @throws ExpectedError `tenant_unknown`, `not_found`, `forbidden_reach`, `group_name_taken`, `group_too_deep`, `too_many_groups`
   */
  create(
    scope: TenantScope,
    input: { id?: string; tenant?: string | undefined; parent: string | null; name: string },
    audit: AuditDraft,
  ): Promise<Group> {
    return this.#inTurn(async () => {
      const { tenants, clock } = this.#dependencies
      const parent =
        input.parent === null ? null : await this.find(scope, { group: input.parent, tenant: input.tenant })
      const tenantId = parent?.tenantId ?? (await tenants.resolve(scope, input.tenant)).id
      audit.about('group', 'new', tenantId)
      this.#requireInside(scope, parent?.id ?? null)
      if (tenants.groups.ofTenant(tenantId).length >= GROUPS_PER_TENANT)
        throw new ExpectedError('too_many_groups', { limit: GROUPS_PER_TENANT })
      const now = clock.now()
      const group = {
        id: input.id ?? uuid7(now),
        tenantId,
        parentId: parent?.id ?? null,
        name: input.name.normalize('NFC'),
        createdAt: now,
      }
      this.#requireRoom(group, group.parentId, 1)
      audit.about('group', group.id, tenantId, { after: { path: this.#pathWith(group) } })
      await this.#commit(audit, (trx) => repository.insertGroup(trx, group))
      return this.#view(scope, group.id)
    })
  }

  /** @throws ExpectedError `not_found`, `group_name_taken` */
  rename(scope: TenantScope, input: GroupReference & { name: string }, audit: AuditDraft): Promise<Group> {
    return this.#inTurn(async () => {
      const group = await this.find(scope, input)
      const renamed = { ...group, name: input.name.normalize('NFC') }
      audit.about('group', group.id, group.tenantId, {
        before: { path: this.#pathWith(group) },
        after: { path: this.#pathWith(renamed) },
      })
      if (renamed.name === group.name) audit.nothingChanged()
      else {
        this.#requireRoom(renamed, group.parentId, 1)
        await this.#commit(audit, (trx) => repository.updateGroup(trx, group.id, { name: renamed.name }))
      }
      return this.#view(scope, group.id)
    })
  }

  /** With all below it. @throws ExpectedError `not_found`, `forbidden_reach`, `group_circular`, `group_name_taken`, `group_too_deep` */
  move(
    scope: TenantScope,
    input: GroupReference & { parent: string | null },
    audit: AuditDraft,
  ): Promise<Group> {
    return this.#inTurn(async () => {
      const { tenants, db, regrouped } = this.#dependencies
      const group = await this.find(scope, input)
      audit.about('group', group.id, group.tenantId)
      this.#requireInside(scope, group.parentId)
      const parent =
        input.parent === null ? null : await this.find(scope, { group: input.parent, tenant: group.tenantId })
      this.#requireInside(scope, parent?.id ?? null)
      const subtree = tenants.groups.below([group.id])
      if (parent !== null && subtree.has(parent.id))
        throw new ExpectedError('group_circular', { group: group.name })
      const moved = { ...group, parentId: parent?.id ?? null }
      audit.details = { before: { path: this.#pathWith(group) }, after: { path: this.#pathWith(moved) } }
      if (moved.parentId === group.parentId) audit.nothingChanged()
      else {
        this.#requireRoom(moved, moved.parentId, tenants.groups.height(group.id))
        await this.#commit(audit, (trx) =>
          repository.updateGroup(trx, group.id, { parentId: moved.parentId }),
        )
        await regrouped(await repository.gatewaysIn(db, subtree))
      }
      return this.#view(scope, group.id)
    })
  }

  /** @throws ExpectedError `not_found`, `forbidden_reach`, `group_not_empty`, `group_in_use`, `group_name_taken` */
  remove(
    scope: TenantScope,
    input: GroupReference & { content: 'refuse' | 'to_parent' },
    audit: AuditDraft,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const { db, tenants, regrouped } = this.#dependencies
      const group = await this.find(scope, input)
      const path = this.#pathWith(group)
      audit.about('group', group.id, group.tenantId, { before: { path } })
      this.#requireInside(scope, group.parentId)
      const below = tenants.groups.below([group.id])
      const affected = await repository.gatewaysIn(db, below)
      const own = await repository.gatewaysIn(db, [group.id])
      const children = tenants.groups.childrenOf(group.id)
      if (input.content === 'refuse' && own.length + children.length > 0) {
        throw new ExpectedError('group_not_empty', {
          group: group.name,
          gateways: own.length,
          groups: children.length,
        })
      }
      for (const id of children) {
        const child = tenants.groups.get(id)
        if (child) this.#requireFreeName(child, group.parentId, group.id)
      }
      audit.details = { ...audit.details, gateways: own.length, groups: children.length }
      await this.#commit(audit, async (trx) => {
        const bound = await repository.boundBy(trx, group.id)
        if (bound.apiKeys + bound.mqttClients > 0)
          throw new ExpectedError('group_in_use', { group: group.name, ...bound })
        await repository.deleteEndedKeys(trx, group.id)
        await repository.emptyInto(trx, group.id, group.parentId)
        await repository.deleteGroup(trx, group.id)
      })
      await regrouped(affected)
    })
  }

  async #commit(audit: AuditDraft, change: (trx: SiteTrx) => Promise<unknown>): Promise<void> {
    const { db, audit: log, tenants } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await change(trx)
      await log.recordIn(trx, audit)
    })
    await tenants.loadGroups()
  }

  /** Who has rights over a part of the tenant does nothing at its top, nor above the groups they have. */
  #requireInside(scope: TenantScope, parentId: string | null): void {
    const { groups } = this.#dependencies.tenants
    const parent = parentId === null ? undefined : groups.get(parentId)
    const isInside = parent === undefined ? isWhole(scope) : seesGroup(scope, parent)
    if (!isInside) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
  }

  #requireRoom(group: GroupRow, parentId: string | null, height: number): void {
    const { groups } = this.#dependencies.tenants
    if (groups.pathOf(parentId).length + height > GROUP_DEPTH)
      throw new ExpectedError('group_too_deep', { most: GROUP_DEPTH })
    this.#requireFreeName(group, parentId, group.id)
  }

  /** `besides`: the group that does not count, for it is itself or goes. */
  #requireFreeName(group: GroupRow, parentId: string | null, besides: string): void {
    const name = folded(group.name)
    const taken = this.#dependencies.tenants.groups
      .ofTenant(group.tenantId)
      .some(
        (other) =>
          other.parentId === parentId &&
          other.id !== besides &&
          other.id !== group.id &&
          folded(other.name) === name,
      )
    if (taken) throw new ExpectedError('group_name_taken', { name: group.name })
  }

  /** From the top of the tenant, for the audit. */
  #pathWith(group: GroupRow): string {
    const { groups } = this.#dependencies.tenants
    const above = group.parentId === null ? [] : groups.namesTo(group.parentId, { all: true })
    return [...above, group.name].join('/')
  }

  async #view(scope: TenantScope, id: string): Promise<Group> {
    const { within } = scope.all ? { within: null } : scope
    // A group that was made a moment ago is below one that the caller has.
    const now: TenantScope =
      scope.all || within === null
        ? scope
        : {
            ...scope,
            within: { ...within, groupIds: this.#dependencies.tenants.groups.below(within.groupIds) },
          }
    const group = (await this.list(now, undefined)).find((one) => one.id === id)
    if (group === undefined) throw new ExpectedError('not_found', { what: 'group', id })
    return group
  }
}

function folded(name: string): string {
  return name.normalize('NFKC').toLocaleLowerCase('en')
}
