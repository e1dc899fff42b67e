import type { FleetRow } from '#contract/model/gateway.ts'

export interface Fleet {
  /** False until the first whole fleet came. */
  ready: boolean
  /** By code, in the order of people (GW2 before GW10). */
  rows: readonly FleetRow[]
  byId: ReadonlyMap<string, FleetRow>
  error: unknown
  /** Counts changes, for memoisation. */
  version: number
}

const byCode = new Intl.Collator('en', { numeric: true })

type Message = { type: 'all'; rows: FleetRow[] } | { type: 'changed'; rows: FleetRow[]; removed: string[] }

/** The fleet after a message of `gateways.watch`. */
export function applyFleetMessage(before: Fleet, message: Message): Fleet {
  const byId = message.type === 'all' ? new Map<string, FleetRow>() : new Map(before.byId)
  for (const row of message.rows) byId.set(row.id, row)
  if (message.type === 'changed') for (const id of message.removed) byId.delete(id)
  const rows =
    message.type === 'all'
      ? message.rows.toSorted((a, b) => byCode.compare(a.code, b.code))
      : patched(before, message.rows, message.removed, byId)
  return { ready: true, rows, byId, error: undefined, version: before.version + 1 }
}

/** Most changes touch rows that are there: then their places stay, and nothing is sorted. */
function patched(
  before: Fleet,
  changed: FleetRow[],
  removed: string[],
  byId: ReadonlyMap<string, FleetRow>,
): FleetRow[] {
  const settled = removed.length === 0 && changed.every((row) => before.byId.get(row.id)?.code === row.code)
  if (!settled) return [...byId.values()].sort((a, b) => byCode.compare(a.code, b.code))
  const touched = new Set(changed.map((row) => row.id))
  return before.rows.map((row) => (touched.has(row.id) ? (byId.get(row.id) ?? row) : row))
}
