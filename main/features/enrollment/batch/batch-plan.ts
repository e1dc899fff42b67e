import { assertNever } from '#contract/errors.ts'
import type { RowVerdict } from '#contract/model/gateway-import.ts'
import { isWhole, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { GroupTree } from '#features/tenants/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { BatchGroups, groupKey } from './batch-groups.ts'
import type { BatchRow, RowProblem } from './batch-rows.ts'

export interface PlannedRow extends BatchRow {
  verdict: RowVerdict
  /** Of the gateway that is there already. */
  gatewayId: string | null
  claimedAt: number | null
}

export interface Plan {
  rows: PlannedRow[]
  /** Paths that must be made first, from the top. */
  newGroups: string[]
}

export interface PlanOptions {
  tenant: { id: string; name: string; quota: number }
  scope: TenantScope
  group: string | null
  profile: string | null
  createGroups: boolean
}

type Known = Awaited<ReturnType<typeof gatewaysBy>>[number]

/** Values of one statement. */
const CHUNK = 500

/** What would become of each row at this moment, without changing anything. */
export async function planBatch(
  { db, groups: tree }: { db: SiteDb; groups: GroupTree },
  rows: readonly BatchRow[],
  options: PlanOptions,
): Promise<Plan> {
  const { tenant, scope } = options
  const fine = rows.filter(({ problem }) => problem === null)
  const macs = await gatewaysBy(
    db,
    'mac',
    fine.flatMap(({ mac }) => mac ?? []),
  )
  const codes = await gatewaysBy(
    db,
    'code',
    fine.map(({ code }) => code),
    tenant.id,
  )
  const byMac = new Map(macs.map((gateway) => [gateway.mac, gateway]))
  // The code of one that nobody has may be another's as well: that one counts.
  const byCode = new Map(
    codes
      .toSorted((a, b) => Number(b.state === 'unclaimed') - Number(a.state === 'unclaimed'))
      .map((gateway) => [gateway.code, gateway]),
  )
  const profiles = await profilesOf(db, tenant.id)
  const groups = new BatchGroups(tree, scope, tenant.id)
  const newGroups = new Map<string, string>()
  let count = await countOf(db, tenant.id)

  const planned = rows.map((row): PlannedRow => {
    const refused = (problem: RowProblem): PlannedRow => ({
      ...row,
      problem,
      verdict: 'problem',
      gatewayId: null,
      claimedAt: null,
    })
    if (row.problem !== null) return refused(row.problem)
    const found = verdictOf(row, byMac.get(row.mac), byCode.get(row.code), options)
    if ('problem' in found) return refused(found.problem)
    const { verdict, known } = found
    const kept = { ...row, verdict, gatewayId: known?.id ?? null, claimedAt: known?.claimedAt ?? null }
    if (verdict === 'same') return kept
    const group = row.group ?? options.group
    const profile = row.profile ?? options.profile
    if (profile !== null && !profiles.has(profile.toLowerCase()))
      return refused({ code: 'csv_profile_unknown', data: { profile } })
    if (group === null && !isWhole(scope))
      return refused({ code: 'forbidden_reach', data: { reach: 'tenant' } })
    const missing = group === null || groups.find(group) !== undefined ? [] : groups.missing(group)
    if (missing === null || (missing.length > 0 && !options.createGroups))
      return refused({ code: 'csv_group_unknown', data: { group } })
    if ((known?.assignmentId ?? null) === null) {
      if (count >= tenant.quota)
        return refused({
          code: 'quota_gateways',
          data: { tenant: tenant.name, count, quota: tenant.quota },
        })
      count += 1
    }
    for (const path of missing) if (!newGroups.has(groupKey(path))) newGroups.set(groupKey(path), path)
    return { ...kept, group, profile }
  })
  return { rows: planned, newGroups: [...newGroups.values()] }
}

/** The rules by which an enrollment finds a box that is known (`findKnown`), for all rows with two queries. */
function verdictOf(
  { mac, code }: BatchRow,
  ofMac: Known | undefined,
  ofCode: Known | undefined,
  { tenant, scope }: PlanOptions,
): { verdict: 'new' | 'again' | 'same'; known: Known | undefined } | { problem: RowProblem } {
  const codeTaken = { problem: { code: 'code_taken' as const, data: { code } } }
  const known = mac === null ? (ofCode?.mac === null ? ofCode : undefined) : ofMac
  const isHeld = ofCode !== undefined && ofCode.state !== 'unclaimed'
  if (known === undefined) return isHeld ? codeTaken : { verdict: 'new', known }
  const isTheirs = known.tenantId === tenant.id && seesGateway(scope, known)
  const isOther = isHeld && ofCode.id !== known.id
  const macTaken = (whose: string) =>
    mac === null ? codeTaken : { problem: { code: 'mac_taken' as const, data: { mac, code: whose } } }
  switch (known.state) {
    case 'unclaimed':
      return isOther ? codeTaken : { verdict: 'again', known }
    case 'revoked':
    case 'claimed':
    case 'active':
    case 'suspended': {
      if (!isTheirs)
        return macTaken(known.tenantId === tenant.id ? 'that you do not see' : 'of another tenant')
      if (known.code !== code) return macTaken(known.code)
      return { verdict: known.state === 'revoked' ? 'again' : 'same', known }
    }
    default:
      return assertNever(known.state)
  }
}

async function gatewaysBy(db: SiteDb, column: 'mac' | 'code', values: string[], tenantId?: string) {
  const found = []
  for (let at = 0; at < values.length; at += CHUNK) {
    let query = db
      .selectFrom('gateways')
      .select([
        'id',
        'mac',
        'code',
        'state',
        'tenantId',
        'groupId',
        'ownerUserId',
        'assignmentId',
        'claimedAt',
      ])
      .where(column, 'in', values.slice(at, at + CHUNK))
      .where('deletedAt', 'is', null)
    if (tenantId !== undefined) query = query.where('tenantId', '=', tenantId)
    found.push(...(await query.execute()))
  }
  return found
}

async function profilesOf(db: SiteDb, tenantId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('gatewayProfiles')
    .select(['id', 'name'])
    .where('tenantId', '=', tenantId)
    .execute()
  return new Set(rows.flatMap(({ id, name }) => [id, name.toLowerCase()]))
}

async function countOf(db: SiteDb, tenantId: string): Promise<number> {
  const { count } = await db
    .selectFrom('gateways')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenantId', '=', tenantId)
    .where('assignmentId', 'is not', null)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}
