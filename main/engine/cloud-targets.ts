import * as z from 'zod'
import { GroupNameSchema } from '#contract/api/groups.ts'
import { TenantNameSchema } from '#contract/api/tenants.ts'
import { ExpectedError } from '#contract/errors.ts'
import { IdSchema } from '#contract/model/ids.ts'
import { localSiteAdmin } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import type { FleetService, PlacementService, ReassignmentService } from '#features/fleet/index.ts'
import type { FleetTargets } from '#features/sync/index.ts'
import { type GroupsService, slugOf, type TenantChanges } from '#features/tenants/index.ts'
import type { UsersService } from '#features/users/index.ts'

export interface CloudTargetsDependencies {
  tenants: TenantChanges
  groups: GroupsService
  users: UsersService
  fleet: FleetService
  placement: PlacementService
  reassignment: ReassignmentService
}

const everything = { all: true } as const

/** What the cloud changes here goes through the same services as what people change, and stands in the audit. */
export function cloudTargets(dependencies: CloudTargetsDependencies): FleetTargets {
  const { tenants, groups, users, fleet, placement, reassignment } = dependencies
  const transition = async (action: 'suspend' | 'resume' | 'revoke', id: string) => {
    await fleet.transition(action, everything, { gateway: id }, localSiteAdmin, draft(`gateway.${action}`))
  }
  return {
    createTenant: async ({ id, slug, name }) => {
      const tenant = {
        id: asTaken(IdSchema, id),
        slug: slugOf(slug, 'tenant'),
        name: asTaken(TenantNameSchema, name),
      }
      await tenants.createKnown(tenant, draft('tenant.create'))
    },
    renameTenant: async (id, name) => {
      const caller = { actor: localSiteAdmin, scope: everything }
      const renamed = { tenant: id, name: asTaken(TenantNameSchema, name) }
      await tenants.update(caller, renamed, draft('tenant.update'))
    },
    suspendTenant: async (id) =>
      void (await tenants.suspend(everything, { tenant: id }, draft('tenant.suspend'))),
    resumeTenant: async (id) =>
      void (await tenants.resume(everything, { tenant: id }, draft('tenant.resume'))),
    createGroup: async ({ id, tenantId, parentId, name }) => {
      const group = {
        id: asTaken(IdSchema, id),
        tenant: tenantId,
        parent: parentId,
        name: asTaken(GroupNameSchema, name),
      }
      await groups.create(everything, group, draft('group.create'))
    },
    renameGroup: async (id, name) => {
      const renamed = { group: id, name: asTaken(GroupNameSchema, name) }
      await groups.rename(everything, renamed, draft('group.update'))
    },
    moveGroup: async (id, parent) =>
      void (await groups.move(everything, { group: id, parent }, draft('group.move'))),
    removeGroup: (id) =>
      groups.remove(everything, { group: id, content: 'to_parent' }, draft('group.delete')),
    suspendUser: async (id) =>
      void (await users.suspend(localSiteAdmin, id, undefined, draft('user.suspend'))),
    resumeUser: async (id) => void (await users.resume(localSiteAdmin, id, draft('user.resume'))),
    renameGateway: async (id, name) => {
      const taken = asTaken(GatewayNameSchema, name)
      await fleet.rename(everything, { gateway: id }, taken, draft('gateway.rename'))
    },
    suspendGateway: (id) => transition('suspend', id),
    resumeGateway: (id) => transition('resume', id),
    revokeGateway: (id) => transition('revoke', id),
    placeGateway: async (id, place) => {
      const { tenantId, groupId, ownerUserId } = place
      const gateway = await fleet.find(everything, { gateway: id })
      if (tenantId !== undefined && tenantId !== gateway.tenantId) {
        const home = { tenantId, groupId: groupId ?? null, ownerUserId: ownerUserId ?? null }
        await reassignment.reassign(id, home, draft('gateway.reassign'))
        return
      }
      await placement.place(
        everything,
        { gateway: id, group: groupId, owner: ownerUserId },
        draft('gateway.place'),
      )
    },
  }
}

/** As of `gateways.rename` (contract/api/gateways.ts). */
const GatewayNameSchema = z.string().trim().min(1).max(100)

/** By SQL anything is written: it is taken as what a person types would be. @throws ExpectedError `input_invalid` */
function asTaken(schema: z.ZodType<string>, text: string): string {
  const read = schema.safeParse(text)
  if (read.success) return read.data
  throw new ExpectedError('input_invalid', {
    issues: read.error.issues.map(({ message }) => message).join('; '),
  })
}

/** What the cloud decided: by a change in it, or at another site. */
function draft(action: string): AuditDraft {
  return new AuditDraft({
    actor: { kind: 'system', id: null, name: 'cloud' },
    action,
    address: 'cloud',
    requestId: null,
  })
}
