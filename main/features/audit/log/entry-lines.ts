import type { AuditEntry } from '#contract/api/audit.ts'
import { field } from '#platform/csv/csv-field.ts'
import { escapeLine } from '../one-line.ts'

export type ExportFormat = 'csv' | 'jsonl'

export const mediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
}

/** An entry of an export, with its link in the chain (hex). */
export interface ExportedEntry extends AuditEntry {
  chain: string
}

type Column = (entry: ExportedEntry) => string | number | null

const columns: Record<string, Column> = {
  seq: ({ seq }) => seq,
  time: ({ at }) => new Date(at).toISOString(),
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  actor: ({ actor }) => actor.name,
  action: ({ action }) => action,
  object_kind: ({ object }) => object?.kind ?? null,
  object_id: ({ object }) => object?.id ?? null,
  tenant: ({ tenant }) => tenant?.slug ?? tenant?.id ?? null,
  outcome: ({ outcome }) => outcome,
  status: ({ status }) => status,
  error: ({ errorCode }) => errorCode,
  path: ({ path }) => path,
  address: ({ address }) => address,
  request_id: ({ requestId }) => requestId,
  duration_ms: ({ durationMs }) => durationMs,
  details: ({ details }) => JSON.stringify(details),
  erased: ({ erased }) => String(erased),
  chain: ({ chain }) => chain,
}

/** The first line of a CSV; nothing for JSON lines. */
export function headLine(format: ExportFormat): string {
  return format === 'csv' ? `${Object.keys(columns).join(',')}\r\n` : ''
}

/**
 * An entry as exactly one line, whatever is in it: a CSV record (RFC 4180) or a line of JSON (RFC 8259). Line breaks
 * inside stand as JSON escapes.
 */
export function entryLine(entry: ExportedEntry, format: ExportFormat, raw: boolean): string {
  if (format === 'jsonl') return `${escapeLine(JSON.stringify(entry))}\n`
  const fields = Object.values(columns).map((column) => {
    const value = column(entry)
    return typeof value === 'string' ? field(escapeLine(value), raw) : (value ?? '')
  })
  return `${fields.join(',')}\r\n`
}
