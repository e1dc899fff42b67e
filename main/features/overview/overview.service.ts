import type { Overview } from '#contract/api/overview.ts'
import { gatewayRenewalDueAt } from '#contract/model/certificate.ts'
import { type FleetRow, type FleetStatus, fleetStatus, fleetStatuses } from '#contract/model/gateway.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type FleetState, listRefusals, recentHistory } from '#features/fleet/index.ts'
import type { StorageEventRow, StorageTrouble } from '#features/retention/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { SiteVitals } from './site-vitals.ts'

const DAY = 24 * 60 * 60_000
const SHOWN_ATTENTION = 12
const SHOWN_EVENTS = 12
const SHOWN_SQUARES = 400
const FRESH = 500
/** A gateway that was just made is not yet something to attend to. */
const WAITING_TOO_LONG = 60 * 60_000

type Attention = Overview['attention'][number]

/** What of the link to the cloud a person must mend: the link, or a tenant of which nothing is sent. */
export interface CloudTrouble {
  /** Null: the link itself. */
  tenant: string | null
  since: number
  problem: NonNullable<Attention['problem']>
}

/** Worst first. */
const severity: Record<FleetStatus, number> = {
  offline: 0,
  refused: 1,
  stale: 2,
  waiting: 3,
  suspended: 4,
  revoked: 5,
  online: 6,
}

export interface OverviewDependencies {
  db: SiteDb
  clock: Clock
  state: FleetState
  tenants: TenantsService
  vitals: SiteVitals
  troubles(): readonly StorageTrouble[]
  cloudTroubles(): Promise<readonly CloudTrouble[]>
  /** Newest first. */
  storageEvents(limit: number): Promise<StorageEventRow[]>
}

/** The site at a glance: one verdict, what needs a person, what happened. */
export class OverviewService {
  readonly #dependencies: OverviewDependencies
  /** By scope: ten people looking at one site cost as much as one. */
  readonly #recent = new Map<string, { madeAt: number; overview: Promise<Overview> }>()

  constructor(dependencies: OverviewDependencies) {
    this.#dependencies = dependencies
  }

  /** At most `FRESH` ms old. `ofCloud`: whether it tells what is wrong with the link to the cloud. */
  show(scope: TenantScope, ofCloud: boolean): Promise<Overview> {
    const key = scopeKey(scope) + (ofCloud ? ' and the cloud' : '')
    const age = performance.now() - FRESH
    const recent = this.#recent.get(key)
    if (recent && recent.madeAt > age) return recent.overview
    for (const [old, { madeAt }] of this.#recent) if (madeAt <= age) this.#recent.delete(old)
    const overview = this.#make(scope, ofCloud)
    this.#recent.set(key, { madeAt: performance.now(), overview })
    // A failure is told to those who wait and not to those who come after.
    overview.catch(() => this.#recent.delete(key))
    return overview
  }

  async #make(scope: TenantScope, ofCloud: boolean): Promise<Overview> {
    const { clock, state, vitals, cloudTroubles } = this.#dependencies
    const now = clock.now()
    const rows = state.rows(scope).map((row) => ({ row, status: fleetStatus(row, now) }))
    const attention = [
      ...this.#ofSite(scope),
      ...(ofCloud ? (await cloudTroubles()).map(ofLink) : []),
      ...ofGateways(rows, now),
    ]
    const { ingest, disk } = vitals.read(scope)
    return {
      now,
      counts: countsOf(rows),
      total: rows.length,
      ingest,
      disk,
      certificates: certificatesOf(rows, now),
      horizon: horizonOf(rows, disk.horizon, now),
      attention: attention.slice(0, SHOWN_ATTENTION),
      attentionTotal: attention.length,
      events: await this.#events(scope),
      tenants: await this.#tenants(scope, rows),
    }
  }

  #ofSite(scope: TenantScope): Attention[] {
    const { vitals, troubles } = this.#dependencies
    const found: Attention[] = []
    const stall = vitals.stall()
    // That readings are refused concerns everyone; why, and what else is wrong, those who run the site.
    if (stall) {
      const detail = scope.all ? stall.cause : null
      found.push({ ...nobody, kind: 'store_stalled', since: stall.since, detail })
    }
    if (scope.all) for (const trouble of troubles()) found.push({ ...nobody, ...trouble })
    return found
  }

  async #events(scope: TenantScope): Promise<Overview['events']> {
    const { db, storageEvents } = this.#dependencies
    const history = await recentHistory(db, scope, SHOWN_EVENTS)
    const refusals = await listRefusals(db, scope, {
      gatewayId: null,
      tenantId: null,
      since: 0,
      limit: SHOWN_EVENTS,
    })
    const events: Overview['events'] = [
      ...history.map(({ at, value, gatewayId, code }) => ({
        at,
        kind: value as Overview['events'][number]['kind'],
        gatewayId,
        code,
        text: null,
        count: 0,
      })),
      ...refusals.map(({ lastAt, gatewayId, gatewayCode, address, reason }) => ({
        at: lastAt,
        kind: 'refused' as const,
        gatewayId,
        code: gatewayCode ?? address,
        text: reason as RefusalReason,
        count: 0,
      })),
      // What the store did concerns those who run the site.
      ...(scope.all ? await storageEvents(SHOWN_EVENTS) : []).map(({ at, kind, subject, cause, count }) => ({
        at,
        kind,
        gatewayId: null,
        code: subject,
        text: cause,
        count,
      })),
    ]
    return events.toSorted((a, b) => b.at - a.at).slice(0, SHOWN_EVENTS)
  }

  async #tenants(scope: TenantScope, rows: Row[]): Promise<Overview['tenants']> {
    const tenants = await this.#dependencies.tenants.list(scope)
    const byTenant = Map.groupBy(rows, ({ row }) => row.tenantId)
    return tenants.map(({ id, name }) => {
      const own = byTenant.get(id) ?? []
      const worstFirst = own.toSorted(
        (a, b) => severity[a.status] - severity[b.status] || (a.row.code < b.row.code ? -1 : 1),
      )
      return {
        id,
        name,
        counts: countsOf(own),
        total: own.length,
        squares: worstFirst
          .slice(0, SHOWN_SQUARES)
          .map(({ row, status }) => ({ id: row.id, code: row.code, status })),
      }
    })
  }
}

interface Row {
  row: FleetRow
  status: FleetStatus
}

function ofLink({ tenant, since, problem }: CloudTrouble): Attention {
  const kind = tenant === null ? 'cloud_stopped' : 'cloud_tenant_stopped'
  return { ...nobody, kind, code: tenant, since, problem }
}

/** Worst first. */
function ofGateways(rows: Row[], now: number): Attention[] {
  const found: Attention[] = []
  const troubled = rows.filter(({ row, status }) => status !== 'online' || isDue(row, now))
  for (const { row, status } of troubled.toSorted(
    (a, b) => severity[a.status] - severity[b.status] || a.row.since - b.row.since,
  )) {
    const who = { ...nobody, gatewayId: row.id, code: row.code, name: row.name }
    if (status === 'offline') found.push({ ...who, kind: 'offline', since: row.since })
    if (status === 'stale') found.push({ ...who, kind: 'stale', since: row.lastSeenAt ?? row.since })
    if (status === 'refused' && row.refusal) {
      const { at, reason, count } = row.refusal
      found.push({ ...who, kind: 'refused', since: at, reason, count })
    }
    if (status === 'waiting' && now - row.since > WAITING_TOO_LONG)
      found.push({ ...who, kind: 'credential_waiting', since: row.since })
    if (row.certificateEnds !== null && isDue(row, now))
      found.push({ ...who, kind: 'certificate_due', since: gatewayRenewalDueAt(row.certificateEnds) })
  }
  return found
}

function isDue(row: FleetRow, now: number): boolean {
  const { certificateEnds, state } = row
  return certificateEnds !== null && state !== 'revoked' && gatewayRenewalDueAt(certificateEnds) <= now
}

const nobody = {
  gatewayId: null,
  code: null,
  name: null,
  reason: null,
  count: 0,
  detail: null,
  problem: null,
}

function countsOf(rows: Row[]): Overview['counts'] {
  const counts = Object.fromEntries(fleetStatuses.map((status) => [status, 0])) as Overview['counts']
  for (const { status } of rows) counts[status]++
  return counts
}

function inUse(rows: Row[]): { code: string; notAfter: number }[] {
  return rows.flatMap(({ row }) =>
    row.certificateEnds === null || row.state === 'revoked'
      ? []
      : [{ code: row.code, notAfter: row.certificateEnds }],
  )
}

function firstToEnd(certificates: { code: string; notAfter: number }[]) {
  return certificates.reduce<{ code: string; notAfter: number } | null>(
    (first, next) => (first === null || next.notAfter < first.notAfter ? next : first),
    null,
  )
}

function certificatesOf(rows: Row[], now: number): Overview['certificates'] {
  const certificates = inUse(rows)
  const due = certificates.filter(({ notAfter }) => gatewayRenewalDueAt(notAfter) <= now)
  return { due: due.length, total: certificates.length, next: firstToEnd(certificates) }
}

/** The broker's certificate and the CRL renew by themselves, so a gateway's certificate or the disk ends first. */
function horizonOf(
  rows: Row[],
  { daysLeft, limit }: Overview['disk']['horizon'],
  now: number,
): Overview['horizon'] {
  const first = firstToEnd(inUse(rows))
  const days = first === null ? null : Math.max(0, Math.floor((first.notAfter - now) / DAY))
  if (daysLeft !== null && (days === null || daysLeft < days))
    return { days: daysLeft, cause: limit, what: '' }
  return first === null || days === null ? null : { days, cause: 'certificate', what: first.code }
}

function scopeKey(scope: TenantScope): string {
  if (scope.all) return 'site'
  const { tenantId, within } = scope
  return JSON.stringify([tenantId, within && [[...within.groupIds].toSorted(), within.ownerUserId]])
}
