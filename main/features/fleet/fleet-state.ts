import type { FleetRow } from '#contract/model/gateway.ts'
import { seesGateway, type TenantScope } from '#features/access/index.ts'
import type { GatewayRow } from './gateways.repository.ts'

/** Span over which a gateway's rate is measured, ms. */
const RATE_WINDOW = 10_000

interface Entry {
  row: FleetRow
  assignmentId: string | null
  windowStart: number
  current: number
  previous: number
}

interface Assignment {
  gatewayId: string
  tenantId: string
  /** What its gateway was called; null while it is open. */
  code: string | null
}

/**
 * The live picture of every gateway, in memory: what lists, the Overview and subscriptions show. The store stays
 * the truth for all but the connection and the rate, which begin anew with each start.
 */
export class FleetState {
  readonly #entries = new Map<string, Entry>()
  readonly #byAssignment = new Map<string, Assignment>()
  readonly #watchers = new Set<FleetWatcher>()

  /** Makes or refreshes the row of a stored gateway; connection, rate and latest reading stay. */
  put(gateway: GatewayRow, since: number): void {
    const entry = this.#entries.get(gateway.id)
    const before = entry?.row
    // What another tenant's gateway was seen doing is not told to this one.
    const known = before?.tenantId === gateway.tenantId ? before : undefined
    const isSame = known !== undefined && entry?.assignmentId === gateway.assignmentId
    const row: FleetRow = {
      id: gateway.id,
      tenantId: gateway.tenantId,
      groupId: gateway.groupId,
      ownerUserId: gateway.ownerUserId,
      code: gateway.code,
      name: gateway.name,
      label: gateway.label,
      mac: gateway.mac,
      dialect: gateway.dialect,
      firmwareVersion: gateway.firmwareVersion,
      state: gateway.state,
      online: before?.online ?? false,
      since: known && known.state === gateway.state ? known.since : since,
      lastSeenAt: known?.lastSeenAt ?? gateway.lastSeenAt,
      certificateEnds: gateway.notAfter,
      latest: isSame ? known.latest : null,
      rate: isSame ? known.rate : 0,
      refusal: known?.refusal ?? null,
    }
    const { id, tenantId, assignmentId } = gateway
    if (entry && isSame) entry.row = row
    else this.#entries.set(id, { row, assignmentId, windowStart: since, current: 0, previous: 0 })
    const ended = isSame ? null : (entry?.assignmentId ?? null)
    if (ended !== null) this.#end(ended, before?.code ?? null)
    if (assignmentId !== null) this.#byAssignment.set(assignmentId, { gatewayId: id, tenantId, code: null })
    this.#touch(row, before)
  }

  /** They are gone for good, and watchers are told. */
  remove(gatewayIds: ReadonlySet<string>): void {
    for (const [assignmentId, { gatewayId }] of this.#byAssignment)
      if (gatewayIds.has(gatewayId)) this.#byAssignment.delete(assignmentId)
    for (const id of gatewayIds) {
      const row = this.row(id)
      if (row === undefined) continue
      this.#entries.delete(id)
      for (const watcher of this.#watchers) watcher.gone(row)
    }
  }

  row(gatewayId: string): FleetRow | undefined {
    return this.#entries.get(gatewayId)?.row
  }

  /** Takes in one that has ended: what it left is still its tenant's. */
  putEnded({ id, ...ended }: Assignment & { id: string }): void {
    this.#byAssignment.set(id, ended)
  }

  /** Whose an assignment is or was, and what its gateway is or was called then. */
  gatewayOfAssignment(assignmentId: string): { id: string; tenantId: string; code: string } | undefined {
    const found = this.#byAssignment.get(assignmentId)
    const row = found && this.row(found.gatewayId)
    if (found === undefined || row === undefined) return undefined
    const { gatewayId: id, tenantId } = found
    // Of one that ended before its code was kept: what it is called now, where that is no other tenant's word.
    return { id, tenantId, code: found.code ?? (row.tenantId === tenantId ? row.code : row.label) }
  }

  /** Whether it is what its gateway has now. */
  isOpen(assignmentId: string): boolean {
    const gatewayId = this.#byAssignment.get(assignmentId)?.gatewayId ?? ''
    return this.#entries.get(gatewayId)?.assignmentId === assignmentId
  }

  #end(assignmentId: string, code: string | null): void {
    const known = this.#byAssignment.get(assignmentId)
    if (known) this.#byAssignment.set(assignmentId, { ...known, code: known.code ?? code })
  }

  rows(scope: TenantScope): FleetRow[] {
    const rows: FleetRow[] = []
    for (const { row } of this.#entries.values()) if (seesGateway(scope, row)) rows.push(row)
    return rows
  }

  setOnline(gatewayId: string, online: boolean, at: number): void {
    this.#change(gatewayId, (row) => ({
      ...row,
      online,
      since: at,
      lastSeenAt: Math.max(at, row.lastSeenAt ?? 0),
    }))
  }

  setRefusal(gatewayId: string, refusal: NonNullable<FleetRow['refusal']>): void {
    this.#change(gatewayId, (row) => {
      const repeats = row.refusal?.reason === refusal.reason && refusal.at - row.refusal.at < 60 * 60_000
      return {
        ...row,
        refusal: { ...refusal, count: refusal.count + (repeats ? (row.refusal?.count ?? 0) : 0) },
      }
    })
  }

  /**
   * Readings of a gateway are on disk: counts them, and takes the newest as what the list shows.
   * `at`: null where the gateway sent none of them.
   */
  heard(gatewayId: string, at: number | null, readings: number, latest: FleetRow['latest']): void {
    const entry = this.#entries.get(gatewayId)
    if (!entry) return
    if (at !== null) this.#roll(entry, at)
    entry.current += readings
    const lastSeenAt = at ?? entry.row.lastSeenAt
    entry.row = { ...entry.row, lastSeenAt, latest: latest ?? entry.row.latest }
    this.#touch(entry.row)
  }

  /** Brings the rates up to `now`; call it every second or so. */
  rollRates(now: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.current === 0 && entry.previous === 0 && entry.row.rate === 0) continue
      this.#roll(entry, now)
      const share = (now - entry.windowStart) / RATE_WINDOW
      const rate =
        Math.round(((entry.previous * (1 - share) + entry.current) / (RATE_WINDOW / 1000)) * 10) / 10
      if (rate === entry.row.rate) continue
      entry.row = { ...entry.row, rate }
      this.#touch(entry.row)
    }
  }

  #roll(entry: Entry, now: number): void {
    const age = now - entry.windowStart
    if (age < RATE_WINDOW) return
    entry.previous = age < 2 * RATE_WINDOW ? entry.current : 0
    entry.current = 0
    entry.windowStart = age < 2 * RATE_WINDOW ? entry.windowStart + RATE_WINDOW : now
  }

  /** Begins to gather what changes for one receiver. */
  watch(scope: TenantScope): FleetWatcher {
    const watcher = new FleetWatcher(scope, this, () => this.#watchers.delete(watcher))
    this.#watchers.add(watcher)
    return watcher
  }

  #change(gatewayId: string, change: (row: FleetRow) => FleetRow): void {
    const entry = this.#entries.get(gatewayId)
    if (!entry) return
    entry.row = change(entry.row)
    this.#touch(entry.row)
  }

  #touch(row: FleetRow, before?: FleetRow): void {
    for (const watcher of this.#watchers) watcher.touch(row, before)
  }
}

/** What changed since it was last taken, for one receiver: rows coalesce, so a slow one costs no memory. */
export class FleetWatcher {
  readonly #scope: TenantScope
  readonly #state: FleetState
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()
  readonly close: () => void

  constructor(scope: TenantScope, state: FleetState, close: () => void) {
    this.#scope = scope
    this.#state = state
    this.close = close
  }

  /** `before`: the row as it was, where it may have been in scope and now is not. */
  touch(row: FleetRow, before?: FleetRow): void {
    if (seesGateway(this.#scope, row)) {
      this.#changed.add(row.id)
      this.#removed.delete(row.id)
    } else if (before !== undefined && seesGateway(this.#scope, before)) {
      this.#changed.delete(row.id)
      this.#removed.add(row.id)
    }
  }

  gone(row: FleetRow): void {
    if (!seesGateway(this.#scope, row)) return
    this.#changed.delete(row.id)
    this.#removed.add(row.id)
  }

  take(): { rows: FleetRow[]; removed: string[] } | null {
    if (this.#changed.size === 0 && this.#removed.size === 0) return null
    const rows = [...this.#changed].flatMap((id) => this.#state.row(id) ?? [])
    const removed = [...this.#removed]
    this.#changed.clear()
    this.#removed.clear()
    return { rows, removed }
  }
}
