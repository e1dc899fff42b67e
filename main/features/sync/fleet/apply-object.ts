import { ExpectedError } from '#contract/errors.ts'
import { type CloudRow, DELETED, type EntityName, type FleetNames } from './entity.ts'
import type { FleetTargets } from './fleet-targets.ts'
import { type FieldValue, REVOKED, type Stamped } from './merge-field.ts'

/** What the cloud decided for an object. */
export interface Decision {
  entity: EntityName
  /** Here. */
  id: string
  /** Columns and their values. */
  fields: ReadonlyMap<string, Pick<Stamped, 'value'>>
  /** As it is here; null: it is not. */
  here: Readonly<Record<string, FieldValue>> | null
  /** As it is there. */
  row: CloudRow
}

/** Why fields were refused, by column; those that are missing are in effect. */
export type Refusals = Map<string, unknown>

interface Step {
  columns: string[]
  run: () => Promise<void>
}

/**
 * Brings what the cloud decided into effect, field by field: one that is refused keeps no other from it.
 * A state that only this site can reach (a gateway that is active once it has connected) changes nothing: the site says what is.
 */
export async function applyDecision(
  targets: FleetTargets,
  names: FleetNames,
  decision: Decision,
): Promise<Refusals> {
  const refusals: Refusals = new Map()
  for (const { columns, run } of stepsOf(targets, names, decision)) {
    try {
      await run()
    } catch (error) {
      // The store itself fails: nothing was decided.
      if (isStoreFailure(error)) throw error
      for (const column of columns) refusals.set(column, error)
    }
  }
  return refusals
}

function stepsOf(targets: FleetTargets, names: FleetNames, decision: Decision): Step[] {
  switch (decision.entity) {
    case 'tenant':
      return tenantSteps(targets, decision)
    case 'group':
      return groupSteps(targets, names, decision)
    case 'user':
      return userSteps(targets, decision)
    case 'gateway':
      return gatewaySteps(targets, names, decision)
    default:
      return []
  }
}

function tenantSteps(targets: FleetTargets, { id, fields }: Decision): Step[] {
  const steps: Step[] = []
  const [name, state] = [fields.get('name'), fields.get('state')]
  if (name) steps.push({ columns: ['name'], run: () => targets.renameTenant(id, textOf(name.value)) })
  if (state)
    steps.push({
      columns: ['state'],
      run: () => (state.value === 'suspended' ? targets.suspendTenant(id) : targets.resumeTenant(id)),
    })
  return steps
}

function groupSteps(targets: FleetTargets, names: FleetNames, { id, fields, here, row }: Decision): Step[] {
  const deletion = fields.get(DELETED)
  if (deletion?.value === true) return [{ columns: [...fields.keys()], run: () => targets.removeGroup(id) }]
  if (here === null || here[DELETED] === true) {
    const tenantId = names.localTenantOf(String(row['tenant_id']))
    if (tenantId === null) return []
    const parentId = row['parent_id'] as string | null
    const group = { id, tenantId, parentId, name: String(row['name']) }
    return [{ columns: [...fields.keys()], run: () => targets.createGroup(group) }]
  }
  const steps: Step[] = []
  const [name, parent] = [fields.get('name'), fields.get('parent_id')]
  // To where it goes first: its new name may be taken where it was.
  if (parent)
    steps.push({ columns: ['parent_id'], run: () => targets.moveGroup(id, parent.value as string | null) })
  if (name) steps.push({ columns: ['name'], run: () => targets.renameGroup(id, textOf(name.value)) })
  return steps
}

function userSteps(targets: FleetTargets, { id, fields, here }: Decision): Step[] {
  const state = fields.get('state')
  const userId = id.split('/')[1]
  if (!state || userId === undefined) return []
  if (state.value === 'suspended') return [{ columns: ['state'], run: () => targets.suspendUser(userId) }]
  const isResumed = state.value === 'active' && here?.['state'] === 'suspended'
  return isResumed ? [{ columns: ['state'], run: () => targets.resumeUser(userId) }] : []
}

const places = ['tenant_id', 'group_id', 'owner_user_id']

function gatewaySteps(targets: FleetTargets, names: FleetNames, { id, fields, here }: Decision): Step[] {
  const steps: Step[] = []
  const [name, state] = [fields.get('name'), fields.get('state')]
  // Before anything that may take long.
  if (state?.value === REVOKED) steps.push({ columns: ['state'], run: () => targets.revokeGateway(id) })
  const placed = places.filter((column) => fields.has(column))
  if (placed.length > 0)
    steps.push({ columns: placed, run: async () => targets.placeGateway(id, placeOf(names, fields)) })
  if (name) steps.push({ columns: ['name'], run: () => targets.renameGateway(id, textOf(name.value)) })
  if (state?.value === 'suspended') steps.push({ columns: ['state'], run: () => targets.suspendGateway(id) })
  const goesOn = state?.value === 'active' || state?.value === 'claimed'
  if (goesOn && here?.['state'] === 'suspended')
    steps.push({ columns: ['state'], run: () => targets.resumeGateway(id) })
  return steps
}

function placeOf(names: FleetNames, fields: Decision['fields']) {
  const [tenant, group, owner] = places.map((column) => fields.get(column))
  const tenantId = tenant && names.localTenantOf(textOf(tenant.value))
  if (tenantId === null) throw new ExpectedError('tenant_unknown', { tenant: textOf(tenant?.value ?? null) })
  return {
    ...(tenantId !== undefined && { tenantId }),
    ...(group && { groupId: group.value as string | null }),
    ...(owner && { ownerUserId: owner.value as string | null }),
  }
}

function textOf(value: FieldValue): string {
  return String(value ?? '')
}

function isStoreFailure(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT')
}
