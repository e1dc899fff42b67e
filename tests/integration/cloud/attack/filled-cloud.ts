import type pg from 'pg'
import { addEmqxReader, addReader, type NewLogin, share } from '#cloud/administration.ts'
import type { PostgresServer } from '#tests/fixtures/postgres-server.ts'
import { createCloud, type SharedCloud, type SiteAccess } from '#tests/fixtures/shared-cloud.ts'

/** The last digits of ids, so that one reads in a failure whose row it was. */
const id = (n: number) => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`

/** `common` is of both sites; `mine` of the first alone, `theirs` of the second alone. */
export const tenants = { common: id(1), mine: id(2), theirs: id(3) }

export interface FilledSite {
  access: SiteAccess
  /** Of each of its tenants. */
  channels: { key: string; id: string; tenant: string }[]
}

export interface FilledCloud {
  cloud: SharedCloud
  superuser: pg.Client
  mine: FilledSite
  theirs: FilledSite
  readers: { mine: NewLogin; theirs: NewLogin }
  emqx: NewLogin
  as(login: { username: string; password: string }): Promise<pg.Client>
}

/** Two sites, three tenants, and a row of everything for each. */
export async function filledCloud(server: PostgresServer): Promise<FilledCloud> {
  const cloud = await createCloud(server)
  const as = ({ username, password }: { username: string; password: string }) =>
    server.connect({ database: cloud.database, user: username, password })
  const [mine, theirs] = [
    await cloud.addSite('Mine', { allTenants: false }),
    await cloud.addSite('Theirs', { allTenants: false }),
  ]
  const superuser = await cloud.connectAsSuperuser()
  const admin = await cloud.connect()
  await offer(await as(mine), [tenants.common, tenants.mine])
  await share(admin, { tenant: tenants.common, site: mine.siteId })
  await share(admin, { tenant: tenants.common, site: theirs.siteId })
  await offer(await as(theirs), [tenants.theirs])
  const filled: FilledCloud = {
    cloud,
    superuser,
    as,
    mine: { access: mine, channels: await fill(await as(mine), 100, [tenants.common, tenants.mine]) },
    theirs: { access: theirs, channels: await fill(await as(theirs), 200, [tenants.common, tenants.theirs]) },
    readers: {
      mine: await addReader(admin, { tenant: tenants.mine }),
      theirs: await addReader(admin, { tenant: tenants.theirs }),
    },
    emqx: await addEmqxReader(admin),
  }
  for (const { channels } of [filled.mine, filled.theirs]) {
    for (const { key, tenant } of channels) {
      await superuser.query(
        `INSERT INTO millwright.telemetry (channel, ts, seq, value, tenant, flags)
         SELECT $1, now(), 1, 1, key, 0 FROM millwright.tenants WHERE id = $2`,
        [key, tenant],
      )
    }
  }
  await superuser.query('ANALYZE')
  await admin.end()
  return filled
}

async function offer(site: pg.Client, ids: string[]): Promise<void> {
  for (const tenant of ids)
    await site.query("SELECT millwright.offer_tenant($1, 'tenant', 'Tenant', 'telemetry')", [tenant])
  await site.query("SELECT millwright.hello(NULL, '{}', 'token', '1', 0)")
  await site.end()
}

/** As the site itself, so that what it may do is also tried. */
async function fill(site: pg.Client, base: number, ids: string[]): Promise<FilledSite['channels']> {
  const channels: FilledSite['channels'] = []
  for (const [index, tenant] of ids.entries()) {
    const one = (n: number) => id(base + index * 20 + n)
    const put = (table: string, columns: string, values: unknown[]) =>
      site.query(
        `INSERT INTO millwright.${table} (${columns}) VALUES (${values.map((_, n) => `$${n + 1}`).join(', ')})`,
        values,
      )
    const { rows } = await site.query<{ site: string }>('SELECT millwright.my_site() AS site')
    const mySite = rows[0]?.site
    await put('groups', 'id, tenant_id, name', [one(1), tenant, `group of ${base}`])
    await put('users', 'id, tenant_id, name, state, password_hash', [
      one(2),
      tenant,
      `user of ${base}`,
      'active',
      'x',
    ])
    await put(
      'gateways',
      'id, tenant_id, site_id, code, label, name, dialect, credential, state, secret_salt, secret_hash, usernames, client_ids, topics',
      [one(3), tenant, mySite, 'GW1', 'L', `gateway of ${base}`, 'canonical', 'secret', 'active', '00', '0'.repeat(64),
        [`user-${base}-${index}`], [`client-${base}-${index}`], `[{"action":"publish","topic":"mw/user-${base}-${index}/x"}]`], // biome-ignore format: one row
    )
    await put('assignments', 'id, gateway_id, tenant_id, site_id, from_at', [
      one(4),
      one(3),
      tenant,
      mySite,
      new Date(0),
    ])
    await put('channels', 'id, site_id, tenant_id, gateway_id, assignment_id, name, kind', [
      one(5), mySite, tenant, one(3), one(4), 'meter1/energy', 'number',
    ]) // biome-ignore format: one row
    await put(
      'certificates',
      'id, site_id, tenant_id, gateway_id, kind, serial, subject, key_algorithm, fingerprint, not_before, not_after, state, pem',
      [one(6), mySite, tenant, one(3), 'gateway', '1', `CN=gateway ${base}`, 'EC P-256', 'f', new Date(0), new Date(), 'active', 'pem'], // biome-ignore format: one row
    )
    await put('audit', 'site_id, generation, seq, tenant_id, at, actor_kind, action, outcome', [
      mySite, 1, index + 1, tenant, new Date(), 'user', 'x', 'done',
    ]) // biome-ignore format: one row
    for (const [n, entity] of ['group', 'user', 'gateway'].entries())
      await put('conflicts', 'tenant_id, entity, entity_id, field, kept_stamp, kept_by, other_stamp, other_by', [
        tenant, entity, one(n + 1), 'name', '1771322400000-0000-aaaaaaaa', 'a', '1771322400001-0000-bbbbbbbb', 'b',
      ]) // biome-ignore format: one row
    await put('sync_state', 'site_id, tenant_id, state', [mySite, tenant, 'running'])
    const key = await site.query<{ key: string }>('SELECT key FROM millwright.channels WHERE id = $1', [
      one(5),
    ])
    channels.push({ key: key.rows[0]?.key ?? '', id: one(5), tenant })
  }
  await site.end()
  return channels
}
