import { normalizeMac } from '#contract/model/ids.ts'
import type { GatewayAliasTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/**
 * Whether somebody else has this alias: client ids and user names are unique in the site, and nobody else signs in to the broker
 * under a gateway's own user name or the name in its topics.
 */
export async function aliasIsTaken(
  db: SiteDb | SiteTrx,
  { gatewayId, kind, value }: Pick<GatewayAliasTable, 'gatewayId' | 'kind' | 'value'>,
): Promise<boolean> {
  switch (kind) {
    case 'client_id':
      return (
        (await otherWithAlias(db, value, gatewayId, ['client_id'])) ||
        (await isClientId(db, value, gatewayId))
      )
    case 'username':
      return (await isSignInName(db, value, gatewayId)) || (await isClientName(db, value))
    // Two gateways may be called the same in their topics, where these differ elsewhere: their secrets tell them apart.
    case 'topic':
      return (await otherWithAlias(db, value, gatewayId, ['username'])) || (await isClientName(db, value))
    case 'tenant':
    case 'user':
      return false
  }
}

/**
 * Whether a gateway signs in to the broker under this name: its alias, wire name, id, MAC, label or the name in its topics, in
 * any case (broker/auth/sign-in-names.ts).
 *
 * @param but a gateway that is not asked
 */
export async function isSignInName(
  db: SiteDb | SiteTrx,
  name: string,
  but: string | null = null,
): Promise<boolean> {
  if (await otherWithAlias(db, name, but, ['username', 'topic'])) return true
  let query = db
    .selectFrom('gateways')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('id', '=', name.toLowerCase()),
        eb('label', '=', name.toUpperCase()),
        eb('mac', '=', normalizeMac(name)),
      ]),
    )
    .where('deletedAt', 'is', null)
  if (but !== null) query = query.where('id', '!=', but)
  return (await query.executeTakeFirst()) !== undefined
}

async function otherWithAlias(
  db: SiteDb | SiteTrx,
  value: string,
  but: string | null,
  kinds: GatewayAliasTable['kind'][],
): Promise<boolean> {
  let query = db
    .selectFrom('gatewayAliases')
    .select('gatewayId')
    .where('value', '=', value)
    .where('kind', 'in', kinds)
  if (but !== null) query = query.where('gatewayId', '!=', but)
  return (await query.executeTakeFirst()) !== undefined
}

/** Of another gateway: its wire name. */
async function isClientId(db: SiteDb | SiteTrx, value: string, but: string): Promise<boolean> {
  const other = await db
    .selectFrom('gateways')
    .select('id')
    .where((eb) => eb.or([eb('id', '=', value.toLowerCase()), eb('mac', '=', normalizeMac(value))]))
    .where('id', '!=', but)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  return other !== undefined
}

async function isClientName(db: SiteDb | SiteTrx, value: string): Promise<boolean> {
  // They are in small letters all.
  const client = await db
    .selectFrom('mqttClients')
    .select('id')
    .where('username', '=', value.toLowerCase())
    .executeTakeFirst()
  return client !== undefined
}
