import { sql } from 'kysely'
import type { AuditEntry, AuditFilter } from '#contract/api/audit.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { hex } from '../audit-chain.ts'

/** What is looked for. `tenantId` null: whatever the tenant. Plain data, for it crosses threads. */
export interface AuditQuery extends Omit<AuditFilter, 'tenant'> {
  tenantId: string | null
}

const actorKinds = new Set<string>(['local', 'system', 'gateway', 'anonymous', 'api_key'])
/** Where a text is looked for. */
const searched = [
  'auditEntries.action',
  'auditEntries.objectId',
  'auditEntries.errorCode',
  'auditEntries.path',
  'auditEntries.requestId',
  'auditEntries.details',
  'auditPersonal.actorName',
  'auditPersonal.address',
  'auditSubjects.details',
] as const

/** The entries that match, in no order yet. */
export function selectMatching(db: SiteDb, query: AuditQuery) {
  const { tenantId, from, to, actor, action, objectKind, objectId, outcome, text } = query
  let found = db
    .selectFrom('auditEntries')
    .leftJoin('auditPersonal', 'auditPersonal.seq', 'auditEntries.seq')
    .leftJoin('auditSubjects', 'auditSubjects.seq', 'auditEntries.seq')
    .leftJoin('tenants', 'tenants.id', 'auditEntries.tenantId')
    .selectAll('auditEntries')
    .select([
      'actorName',
      'address',
      'auditSubjects.details as subject',
      'tenants.slug',
      'tenants.name as tenantName',
    ])
  if (tenantId !== null) found = found.where('auditEntries.tenantId', '=', tenantId)
  if (from !== undefined) found = found.where('auditEntries.at', '>=', from)
  if (to !== undefined) found = found.where('auditEntries.at', '<', to)
  if (objectKind !== undefined) found = found.where('auditEntries.objectKind', '=', objectKind)
  if (objectId !== undefined) found = found.where('auditEntries.objectId', '=', objectId)
  if (outcome !== undefined) found = found.where('auditEntries.outcome', '=', outcome)
  // Everything that begins so, by the index: no character is beyond the last one.
  if (action !== undefined)
    found = found
      .where('auditEntries.action', '>=', action)
      .where('auditEntries.action', '<', `${action}\u{10ffff}`)
  if (actor !== undefined)
    found = actorKinds.has(actor)
      ? found.where('auditEntries.actorKind', '=', actor as AuditEntry['actor']['kind'])
      : found.where((eb) =>
          eb.or([
            eb('auditEntries.actorId', '=', actor),
            eb(sql`lower("actorName")`, '=', sql`lower(${actor})`),
          ]),
        )
  if (text !== undefined && text !== '') {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
    found = found.where((eb) =>
      eb.or(searched.map((column) => sql<boolean>`${eb.ref(column)} like ${pattern} escape '\\'`)),
    )
  }
  return found
}

export type MatchingRow = Awaited<ReturnType<ReturnType<typeof selectMatching>['execute']>>[number]

/** An entry as people see it; what it says of a person beside the rest. */
export function toEntry(row: MatchingRow): AuditEntry {
  const { seq, at, action, outcome, errorCode, path, status, durationMs, requestId, tenantId } = row
  const isGone = row.actorName === null || (row.subjectHash !== null && row.subject === null)
  return {
    seq,
    at,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action,
    object: row.objectKind === null ? null : { kind: row.objectKind, id: row.objectId ?? '' },
    tenant: tenantId === null ? null : { id: tenantId, slug: row.slug, name: row.tenantName },
    outcome,
    errorCode,
    path,
    status,
    durationMs,
    requestId,
    address: row.address,
    details: merged(parsed(row.details), parsed(row.subject)),
    erased: isGone,
  }
}

/** Its link, hex: who has an export can compare it with the site. */
export function linkOf(row: MatchingRow): string {
  return hex(row.chain)
}

/** A store that somebody changed may hold anything. */
function parsed(json: string | null): Record<string, unknown> {
  if (json === null) return {}
  try {
    const value: unknown = JSON.parse(json)
    return isPlain(value) ? value : { value }
  } catch {
    return { damaged: json }
  }
}

/** `before` and `after` of both parts in one. */
function merged(
  details: Record<string, unknown>,
  personal: Record<string, unknown>,
): Record<string, unknown> {
  const both = { ...details, ...personal }
  for (const name of ['before', 'after']) {
    const [one, other] = [details[name], personal[name]]
    if (isPlain(one) && isPlain(other)) both[name] = { ...one, ...other }
  }
  return both
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
