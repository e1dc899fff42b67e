import type { Kysely } from 'kysely'
import type { CloudTables } from '#cloud/tables.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CloudSession } from '../cloud-session.ts'

/** A channel of this site: whose it is, and its number in the cloud (null: not asked for yet). */
export interface KnownChannel {
  channelId: string
  tenantId: string
  key: number | null
}

const CHUNK = 500

/** Which channel a series belongs to, and which number the cloud gave it. */
export class ChannelDirectory {
  readonly #db: SiteDb
  readonly #bySeries = new Map<number, KnownChannel>()
  /** How many of them each tenant has. */
  readonly #counts = new Map<string, number>()

  constructor(db: SiteDb) {
    this.#db = db
  }

  /** Reads these; or all of them anew, at the beginning of a session. */
  async load(seriesIds?: readonly number[]): Promise<void> {
    if (seriesIds?.length === 0) return
    for (let start = 0; start === 0 || start < (seriesIds?.length ?? 0); start += CHUNK) {
      const rows = await this.#db
        .selectFrom('channels')
        .leftJoin('cloudChannels', (join) =>
          join
            .onRef('cloudChannels.seriesId', '=', 'channels.seriesId')
            .onRef('cloudChannels.channelId', '=', 'channels.id'),
        )
        .select(['channels.seriesId', 'channels.id as channelId', 'channels.tenantId', 'cloudChannels.key'])
        .$if(seriesIds !== undefined, (query) =>
          query.where('channels.seriesId', 'in', seriesIds?.slice(start, start + CHUNK) ?? []),
        )
        .execute()
      if (seriesIds === undefined) {
        this.#bySeries.clear()
        this.#counts.clear()
      }
      for (const { seriesId, ...channel } of rows) this.#put(seriesId, channel)
    }
  }

  #put(seriesId: number, channel: KnownChannel): void {
    const before = this.#bySeries.get(seriesId)
    if (before) this.#add(before.tenantId, -1)
    this.#bySeries.set(seriesId, channel)
    this.#add(channel.tenantId, 1)
  }

  #add(tenantId: string, channels: number): void {
    this.#counts.set(tenantId, (this.#counts.get(tenantId) ?? 0) + channels)
  }

  get(seriesId: number): KnownChannel | undefined {
    return this.#bySeries.get(seriesId)
  }

  /** What part of the channels is a tenant's; 1 where nothing is known. */
  shareOf(tenantId: string): number {
    if (this.#bySeries.size === 0) return 1
    return (this.#counts.get(tenantId) ?? 0) / this.#bySeries.size
  }

  /** Series of these tenants, rising. */
  seriesOf(tenantIds: { has(id: string): boolean }): number[] {
    return [...this.#bySeries]
      .filter(([, { tenantId }]) => tenantIds.has(tenantId))
      .map(([seriesId]) => seriesId)
      .toSorted((a, b) => a - b)
  }

  /**
   * Has the cloud number those channels that have no number yet.
   * @throws ExpectedError `cloud_channels_elsewhere`: they are another site's over there
   */
  async number(
    cloud: Kysely<CloudTables>,
    session: CloudSession,
    seriesIds: Iterable<number>,
  ): Promise<void> {
    const missing = [...seriesIds].filter((seriesId) => this.#bySeries.get(seriesId)?.key === null)
    for (let start = 0; start < missing.length; start += CHUNK)
      await this.#number(cloud, session, missing.slice(start, start + CHUNK))
  }

  /** Its number is not the channel's any more: somebody deleted it over there. */
  async forget(seriesIds: readonly number[]): Promise<void> {
    for (const seriesId of seriesIds) {
      const channel = this.#bySeries.get(seriesId)
      if (channel) channel.key = null
      await this.#db.deleteFrom('cloudChannels').where('seriesId', '=', seriesId).execute()
    }
  }

  async #number(cloud: Kysely<CloudTables>, session: CloudSession, seriesIds: number[]): Promise<void> {
    const rows = await this.#db
      .selectFrom('channels')
      .selectAll()
      .where('seriesId', 'in', seriesIds)
      .execute()
    const values = rows.flatMap((row) => {
      const tenant = session.tenants.get(row.tenantId)
      if (!tenant) return []
      return {
        id: row.id,
        site_id: session.siteId,
        tenant_id: tenant.cloudTenantId,
        gateway_id: row.gatewayId,
        assignment_id: row.assignmentId,
        // The fleet's exchange brings the rest, and tells where a text cannot be stored: readings do not wait for that.
        name: storable(row.key),
        unit: row.unit === null ? null : storable(row.unit),
        kind: row.kind,
        created_at: new Date(row.createdAt),
      }
    })
    if (values.length === 0) return
    const db = cloud.withSchema('millwright')
    await db
      .insertInto('channels')
      .values(values)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const numbered = await db
      .selectFrom('channels')
      .select(['id', 'key'])
      .where(
        'id',
        'in',
        values.map(({ id }) => id),
      )
      .execute()
    const keys = new Map(numbered.map(({ id, key }) => [id, Number(key)]))
    const found = rows.flatMap(({ seriesId, id }) => {
      const key = keys.get(id)
      return key === undefined ? [] : { seriesId, channelId: id, key }
    })
    if (found.length > 0) await this.#db.replaceInto('cloudChannels').values(found).execute()
    for (const { seriesId, key } of found) {
      const channel = this.#bySeries.get(seriesId)
      if (channel) channel.key = key
    }
    // They are there, and are not shown to this site: rather nothing is sent than that all of it is set aside.
    if (found.length < values.length) throw new ExpectedError('cloud_channels_elsewhere')
  }
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
