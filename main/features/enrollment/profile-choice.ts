import { ExpectedError } from '#contract/errors.ts'
import type { CredentialKind } from '#contract/model/gateway.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { EnrollmentOrder } from './order.ts'

/** What a gateway is to be by its order and its profile. */
export interface ProfileChoice {
  profileId: string | null
  dialect: string
  /** 0: the dialect is the profile's, and follows it. */
  ownDialect: 0 | 1
  credential: CredentialKind
  keyAlgorithm: 'ec' | 'rsa'
  /** Null: as it was, or the default. */
  maxDevices: number | null
}

/**
 * @param makesKey the box makes its key, which is not known yet
 * @throws ExpectedError `not_found` for a profile that the tenant does not have
 */
export async function chooseByProfile(
  db: SiteDb | SiteTrx,
  tenantId: string,
  order: EnrollmentOrder,
  makesKey = order.publicKey !== undefined,
): Promise<ProfileChoice> {
  const profile = order.profile === undefined ? null : await profileOf(db, tenantId, order.profile)
  // Who has a key of its own gets a certificate for it.
  const wanted = order.credential ?? profile?.credential ?? 'certificate'
  return {
    profileId: profile?.id ?? null,
    dialect: order.dialect ?? profile?.dialect ?? 'canonical',
    ownDialect: order.dialect === undefined && profile !== null ? 0 : 1,
    credential: makesKey && wanted === 'secret' ? 'certificate' : wanted,
    keyAlgorithm: order.keyAlgorithm ?? profile?.keyAlgorithm ?? 'ec',
    maxDevices: profile?.maxDevices ?? null,
  }
}

/** By id or name. @throws ExpectedError `not_found` */
export async function profileOf(db: SiteDb | SiteTrx, tenantId: string, reference: string) {
  const profile = await db
    .selectFrom('gatewayProfiles')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where((eb) => eb.or([eb('id', '=', reference), eb('name', '=', reference)]))
    .executeTakeFirst()
  if (!profile) throw new ExpectedError('not_found', { what: 'gateway profile', id: reference })
  return profile
}
