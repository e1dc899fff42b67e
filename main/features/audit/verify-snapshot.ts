import type { AuditReport } from '#contract/model/audit.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { AuditHeadFile } from './audit-head.ts'
import type { AuditKeys } from './audit-keys.ts'
import { type VerifyOptions, verifyAudit } from './verify-audit.ts'

export interface SnapshotOptions extends Pick<VerifyOptions, 'signal' | 'onProgress'> {
  /** Opens the store for reading alone. */
  open(): Promise<SiteDb>
  headFile: string
  keys: AuditKeys
}

/**
 * Proves the audit of a store that may be in use. The head is read first, for it never leads what is read after it; the
 * store then stands still in one transaction.
 */
export async function verifySnapshot({
  open,
  headFile,
  keys,
  ...how
}: SnapshotOptions): Promise<AuditReport> {
  const head = await new AuditHeadFile(headFile, () => keys.head).read()
  const db = await open()
  try {
    return await db.transaction().execute((trx) => verifyAudit(trx, { ...how, keys, head }))
  } finally {
    await db.destroy()
  }
}
