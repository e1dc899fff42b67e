import type { ExportLayout } from '#contract/model/telemetry-file.ts'

export const mediaTypes = {
  csv: 'text/csv; charset=utf-8',
  // https://www.iana.org/assignments/media-types/application/vnd.apache.parquet
  parquet: 'application/vnd.apache.parquet',
} as const satisfies Record<ExportLayout['format'], string>

/** `GW001_2026-11-21T1100Z_2026-11-21T1200Z.csv`: sortable, and free of characters that file systems refuse. */
export function exportFileName(file: {
  subject: string
  from: number
  to: number
  format: ExportLayout['format']
}): string {
  const stamp = (at: number) => `${new Date(at).toISOString().slice(0, 16).replaceAll(':', '')}Z`
  const safe = file.subject.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '')
  return `${safe.slice(0, 80) || 'telemetry'}_${stamp(file.from)}_${stamp(file.to)}.${file.format}`
}
