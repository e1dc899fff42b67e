import type { SiteDb } from '#platform/db/site-db.ts'
import { type ExportFormat, entryLine, headLine } from './entry-lines.ts'
import { type AuditQuery, linkOf, selectMatching, toEntry } from './matching-entries.ts'

const SLICE = 2_000

export interface ExportTask {
  /** The site's store. */
  file: string
  query: AuditQuery
  format: ExportFormat
  raw: boolean
}

/** Where the bytes go, how far it is, and how far it goes. Resolves when there is room for more. */
export type EmitEntries = (bytes: Uint8Array<ArrayBuffer>, done: number, total: number) => Promise<void>

/** Writes the entries that match, oldest first. @returns how many */
export async function exportEntries(
  db: SiteDb,
  { query, format, raw }: Omit<ExportTask, 'file'>,
  emit: EmitEntries,
): Promise<{ entries: number }> {
  const encoder = new TextEncoder()
  const newest = await db
    .selectFrom('auditEntries')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const total = newest?.seq ?? 0
  let entries = 0
  let text = headLine(format)
  for (let after = 0; ; ) {
    const rows = await selectMatching(db, query)
      .where('auditEntries.seq', '>', after)
      .orderBy('auditEntries.seq')
      .limit(SLICE)
      .execute()
    for (const row of rows) text += entryLine({ ...toEntry(row), chain: linkOf(row) }, format, raw)
    entries += rows.length
    const last = rows.at(-1)
    if (text !== '') await emit(encoder.encode(text), last?.seq ?? total, total)
    text = ''
    if (last === undefined || rows.length < SLICE) return { entries }
    after = last.seq
  }
}
