import type { CloudSession } from '#features/sync/cloud-session.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { UNCHANGED } from '#platform/db/change-stamps.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { breathe } from '../breath.ts'
import type { CloudClock } from './cloud-clock.ts'
import type { CloudLink } from './cloud-sql.ts'
import type { Entities } from './entities/index.ts'
import { DELETED, type Entity, type FleetNames, fieldValue, type LocalObject } from './entity.ts'
import type { FleetTargets } from './fleet-targets.ts'
import type { FieldValue } from './merge-field.ts'
import type { Version } from './plan-object.ts'

/** What an exchange did. */
export interface FleetExchange {
  /** Objects that were sent, and changes of the cloud that are in effect here. */
  sent: number
  applied: number
  /** Fields changed on both sides, and objects that one side refused. */
  conflicts: number
  refused: number
  auditEntries: number
  /** How long a transaction that somebody left open has kept the feed from being read for good, s. */
  heldFor: number
}

/** One exchange with the cloud. */
export interface FleetRun {
  db: SiteDb
  clock: Clock
  log: Log
  entities: Entities
  targets: FleetTargets
  link: CloudLink
  session: CloudSession
  signal: AbortSignal
  names: FleetNames
  /** The cloud is as it was at an earlier time. */
  isRestored: boolean
  /** The cloud's clock at the beginning, and how far this site's is ahead of it, ms. */
  cloudClock: CloudClock
  done: FleetExchange
}

/**
 * Tenants that share their fleet, as the store says now.
 * @param taken those that the cloud takes from this site; null: not asked. What is of others waits.
 */
export async function loadNames(
  db: SiteDb,
  siteId: string,
  taken: Pick<ReadonlyMap<string, unknown>, 'has'> | null,
): Promise<FleetNames> {
  const wanted = await db
    .selectFrom('cloudTenants')
    .select(['tenantId', 'cloudTenantId'])
    .where('mode', '!=', 'off')
    .execute()
  const tenants = wanted.filter(({ tenantId }) => taken?.has(tenantId) ?? true)
  const link = await db.selectFrom('cloudLink').select('sendsPasswordHashes').executeTakeFirst()
  const there = new Map(tenants.map((tenant) => [tenant.tenantId, tenant.cloudTenantId]))
  const here = new Map(tenants.map((tenant) => [tenant.cloudTenantId, tenant.tenantId]))
  return {
    siteId,
    taken: tenants.map(({ tenantId }) => tenantId),
    sendsPasswordHashes: link?.sendsPasswordHashes === 1,
    cloudTenantOf: (id) => there.get(id) ?? null,
    localTenantOf: (id) => here.get(id) ?? null,
  }
}

/** Stamp of a value that nobody has changed here since its tenant was shared. */
export function unchangedStamp({ session }: FleetRun): string {
  return `${UNCHANGED}-${session.node}`
}

/** Two-way fields of an object that is here. Of one that was deleted here, and is sent so, only that; else null. */
export function fieldsHere(
  entity: Entity,
  local: LocalObject | undefined,
  versions: ReadonlyMap<string, Version> | undefined,
): Record<string, FieldValue> | null {
  if (local === undefined) {
    const deletion = entity.twoWay.find(({ column }) => column === DELETED)
    return deletion && versions?.has(deletion.field) ? { [DELETED]: true } : null
  }
  return Object.fromEntries(
    entity.twoWay.map(({ column }) => [column, fieldValue(column, local.columns[column])]),
  )
}

/** The same by their columns there. */
export function byColumn(
  entity: Entity,
  versions: ReadonlyMap<string, Version> | undefined,
): Map<string, Version> {
  return new Map(
    entity.twoWay.flatMap(({ column, field }) => {
      const version = versions?.get(field)
      return version ? [[column, version] as const] : []
    }),
  )
}

/** Objects that are read or noted at once, of which many are sent together. */
const SLICE = 100

/** In slices, between which others have their turn. */
export async function inSlices<One>(
  all: readonly One[],
  work: (slice: readonly One[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < all.length; at += SLICE) {
    if (at > 0) await breathe()
    await work(all.slice(at, at + SLICE))
  }
}
