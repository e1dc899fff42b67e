import {
  type DialectName,
  dialects,
  type FleetRow,
  type FleetStatus,
  fleetStatus,
} from '#contract/model/gateway.ts'
import { fold } from '#renderer/app/find.ts'

/** The tiles above the table: saved filters, each with its count. */
export const fleetViews = [
  'all',
  'offline',
  'refused',
  'stale',
  'due',
  'waiting',
  'suspended',
  'revoked',
] as const
export type FleetView = (typeof fleetViews)[number]

/** What narrows the fleet. */
export interface FleetFilter {
  view: FleetView
  text: string
  tenantId: string | null
  /** A group with all below it. */
  groupIds: ReadonlySet<string> | null
  firmware: string | null
  dialect: DialectName | null
}

/** security.md: a certificate of ten years is due two years before it ends, in ms. */
const DUE_BEFORE_END = 2 * 365.25 * 86_400_000

/** Whether a gateway's certificate should be renewed; one that was ended for good should not. */
export function certificateDue(row: FleetRow, now: number): boolean {
  return row.state !== 'revoked' && row.certificateEnds !== null && row.certificateEnds - now < DUE_BEFORE_END
}

/** The time that a row's age counts from, in ms; null for a gateway that was never heard. */
export function ageOf(row: FleetRow, now: number): number | null {
  const status = fleetStatus(row, now)
  if (status === 'offline' || status === 'refused') return row.lastSeenAt ?? row.since
  return row.latest?.ts ?? row.lastSeenAt
}

/** Rows that pass everything but the view, with how many of them each view holds, and those of the chosen view. */
export function filterFleet(
  rows: readonly FleetRow[],
  filter: FleetFilter,
  now: number,
): { rows: FleetRow[]; counts: Record<FleetView, number> } {
  const counts = Object.fromEntries(fleetViews.map((view) => [view, 0])) as Record<FleetView, number>
  const parts = fold(filter.text)
    .split(/\s+/)
    .filter((part) => part !== '')
  const passed: FleetRow[] = []
  for (const row of rows) {
    if (filter.tenantId !== null && row.tenantId !== filter.tenantId) continue
    if (filter.groupIds !== null && (row.groupId === null || !filter.groupIds.has(row.groupId))) continue
    if (filter.firmware !== null && row.firmwareVersion !== filter.firmware) continue
    if (filter.dialect !== null && row.dialect !== filter.dialect) continue
    if (parts.length > 0 && !matches(row, parts)) continue
    const status = fleetStatus(row, now)
    const due = certificateDue(row, now)
    counts.all += 1
    if (status !== 'online') counts[status] += 1
    if (due) counts.due += 1
    if (inView(filter.view, status, due)) passed.push(row)
  }
  return { rows: passed, counts }
}

function inView(view: FleetView, status: FleetStatus, due: boolean): boolean {
  if (view === 'all') return true
  return view === 'due' ? due : view === status
}

const folded = new WeakMap<FleetRow, string>()

/** Every word of the query is somewhere in code, name, label, MAC (in any spelling) or the last reading's name. */
function matches(row: FleetRow, parts: readonly string[]): boolean {
  let text = folded.get(row)
  if (text === undefined) {
    const mac = row.mac ?? ''
    text = fold(
      [row.code, row.name, row.label, mac, mac.replaceAll(':', ''), row.latest?.name ?? ''].join('\n'),
    )
    folded.set(row, text)
  }
  const all = text
  return parts.every((part) => all.includes(part) || all.includes(part.replaceAll('-', ':')))
}

/** What may be filtered by, where the fleet has more than one of it. */
export function filterChoices(rows: readonly FleetRow[]): { firmware: string[]; dialect: DialectName[] } {
  const versions = new Set<string>()
  const spoken = new Set<DialectName>()
  for (const row of rows) {
    if (row.firmwareVersion !== null) versions.add(row.firmwareVersion)
    spoken.add(row.dialect)
  }
  return {
    firmware: versions.size > 1 ? [...versions].sort().reverse() : [],
    dialect: spoken.size > 1 ? dialects.filter((dialect) => spoken.has(dialect)) : [],
  }
}
