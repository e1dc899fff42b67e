import { type AuditSettings, AuditSettingsSchema } from '#contract/api/audit.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

const KEY = 'audit'

export type { AuditSettings }

/** What no site wrote, such as too few days, counts as for ever. */
export async function readAuditSettings(db: SiteDb | SiteTrx): Promise<AuditSettings> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  return parsed(row?.value) ?? { retentionDays: null }
}

function parsed(text: string | undefined): AuditSettings | undefined {
  if (text === undefined) return undefined
  try {
    return AuditSettingsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export async function writeAuditSettings(trx: SiteTrx, settings: AuditSettings): Promise<void> {
  const value = JSON.stringify(settings)
  await trx
    .insertInto('settings')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
