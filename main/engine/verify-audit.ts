import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditReport } from '#contract/model/audit.ts'
import { auditKeys, verifySnapshot } from '#features/audit/index.ts'
import { openSiteDbToRead } from '#platform/db/read-site-db.ts'
import { openSiteKey, type SiteKeyOpeners } from '#platform/secrets/site-key.ts'
import { AUDIT_KEY_USE } from './audit-key-use.ts'
import { auditHeadFile } from './audit-services.ts'

export interface VerifyAuditOptions {
  dataDir: string
  openers: SiteKeyOpeners
  signal?: AbortSignal
  /** Told after each slice of entries. */
  onProgress?(done: number): void
}

/**
 * Proves the audit of a data folder, beside a running site or without one; changes nothing.
 * @throws ExpectedError `not_found`, `site_key_missing`, `passphrase_wrong`, `data_from_older_version`, `data_from_newer_version`
 */
export async function verifyAuditOf({ dataDir, openers, ...how }: VerifyAuditOptions): Promise<AuditReport> {
  // A mistyped folder has no key either: what is missing there is the site.
  if (!existsSync(join(dataDir, 'site.sqlite')))
    throw new ExpectedError('not_found', { what: 'site', id: dataDir })
  const siteKey = await openSiteKey(dataDir, openers)
  try {
    return await verifySnapshot({
      ...how,
      open: () => openSiteDbToRead(join(dataDir, 'site.sqlite')),
      headFile: auditHeadFile(dataDir),
      keys: auditKeys(new Uint8Array(siteKey.derive(AUDIT_KEY_USE))),
    })
  } finally {
    siteKey.destroy()
  }
}
