import type { EnrollmentOrder } from '#features/enrollment/index.ts'
import type { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

/** Which parts of an order it decides. */
export type Kept = Pick<EnrollmentOrder, 'profile' | 'dialect' | 'credential' | 'keyAlgorithm'>

/** What a gateway that is enrolled again stays, where nobody asks for anything else. */
export async function keptChoices(
  db: SiteDb,
  {
    id,
    profileId,
    ownDialect,
    dialect,
    credential,
  }: Pick<gatewaysRepository.GatewayRow, 'id' | 'profileId' | 'ownDialect' | 'dialect' | 'credential'>,
): Promise<Kept> {
  const newest = await db
    .selectFrom('certificates')
    .select('keyAlgorithm')
    .where('gatewayId', '=', id)
    .orderBy('createdAt', 'desc')
    .executeTakeFirst()
  return {
    profile: profileId ?? undefined,
    dialect: ownDialect === 1 ? dialect : undefined,
    credential,
    keyAlgorithm: newest && (newest.keyAlgorithm === 'RSA 2048' ? 'rsa' : 'ec'),
  }
}
