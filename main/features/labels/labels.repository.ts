import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

/** Below SQLite's bound on the variables of one statement. */
const AT_ONCE = 10_000

/** Those of these ids or codes that are in scope. */
export async function gatewaysNamed(
  db: SiteDb,
  scope: TenantScope,
  { references, tenantId }: { references: readonly string[]; tenantId: string | null },
) {
  const found = []
  for (let start = 0; start < references.length; start += AT_ONCE) {
    const part = references.slice(start, start + AT_ONCE)
    let query = db
      .selectFrom('gateways')
      .select(['id', 'code', 'name', 'label', 'mac', 'tenantId'])
      .where('deletedAt', 'is', null)
      .where((eb) => eb.or([eb('id', 'in', part), eb('code', 'in', part)]))
      .where(gatewayInScope(scope))
    if (tenantId !== null) query = query.where('tenantId', '=', tenantId)
    found.push(...(await query.execute()))
  }
  return found
}
