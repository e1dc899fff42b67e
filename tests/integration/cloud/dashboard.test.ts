import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addEmqxReader, addReader } from '#cloud/administration.ts'
import { migrateCloud } from '#cloud/migrate.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'

/** What cloud/deploy hands to Grafana and EMQX, asked of a real Postgres with the rights that they have there. */

const TENANT = '018f4c1e-0000-7000-8000-000000000001'
const OTHER = '018f4c1e-0000-7000-8000-000000000002'
const GATEWAY = '018f4c1e-0000-7000-8000-000000000011'

interface Query {
  name: string
  sql: string
}

const dashboard = JSON.parse(read('grafana/dashboards/millwright-cloud.json')) as {
  panels: { title: string; targets?: { rawSql: string; format: string }[] }[]
  templating: { list: { name: string; type: string; query: string }[] }
}
const panels: Query[] = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ rawSql }) => ({ name: title, sql: rawSql })),
)
const variables: Query[] = dashboard.templating.list
  .filter(({ type }) => type === 'query')
  .map(({ name, query }) => ({ name, sql: query }))

let server: PostgresServer
let reader: pg.Client
let emqx: pg.Client
let channelKey: string

beforeAll(async () => {
  server = await startPostgres()
  const database = await server.createDatabase('millwright')
  const admin = await server.connect({ database })
  await migrateCloud(admin)
  await fill(admin)
  const login = async (made: { username: string; password: string }): Promise<pg.Client> =>
    server.connect({ database, user: made.username, password: made.password })
  reader = await login(await addReader(admin, { tenant: TENANT }))
  emqx = await login(await addEmqxReader(admin))
})

afterAll(async () => {
  await server.stop()
})

describe('the Grafana dashboard', () => {
  test.each(variables)('variable $name finds something', async ({ sql }) => {
    const { rows } = await reader.query<{ __text: string; __value: string }>(asGrafana(sql))
    expect(rows).toHaveLength(1)
    expect(rows[0]?.__text).toEqual(expect.any(String))
    expect(rows[0]?.__value).toEqual(expect.any(String))
  })

  test.each(panels)('panel "$name" shows something', async ({ sql }) => {
    const { rows } = await reader.query<Record<string, unknown>>(asGrafana(sql))
    expect(rows.length).toBeGreaterThan(0)
    // Only this tenant's: of the two gateways, sites' readings and certificates in the cloud, one each.
    expect(JSON.stringify(rows)).not.toContain('Other')
  })

  test('counts the readings of the tenant, by site', async () => {
    const rate = panels.find(({ name }) => name === 'Readings a second, by site')
    const { rows } = await reader.query<{ metric: string; value: string }>(asGrafana(rate?.sql ?? ''))
    const readings = rows.reduce((sum, { value }) => sum + Number(value) * 60, 0)
    expect(Math.round(readings)).toBe(10)
    expect(new Set(rows.map(({ metric }) => metric))).toEqual(new Set(['Plant A']))
  })
})

describe('emqx.conf', () => {
  const queries = [...read('emqx/emqx.conf').matchAll(/query = "([^"]+)"/g)].map(([, sql = '']) => sql)

  test('asks both views', () => {
    expect(queries.map((sql) => /FROM (\S+)/.exec(sql)?.[1])).toEqual([
      'millwright.emqx_auth',
      'millwright.emqx_acl',
    ])
  })

  test.each(queries)('%s', async (sql) => {
    const names = [...sql.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
    // EMQX sends its placeholders as parameters of a prepared query.
    let number = 0
    const text = sql.replaceAll(/\$\{\w+\}/g, () => `$${(number += 1)}`)
    const given: Record<string, string> = { username: 'aabbccddeeff', clientid: 'aabbccddeeff' }
    const { rows } = await emqx.query(
      text,
      names.map((name) => given[name] ?? ''),
    )
    expect(rows).toHaveLength(1)
    const none = await emqx.query(
      text,
      names.map(() => "' OR true --"),
    )
    expect(none.rows).toHaveLength(0)
  })
})

function read(file: string): string {
  return readFileSync(`cloud/deploy/${file}`, 'utf8')
}

/** Variables and macros as Grafana fills them in (its documentation of the PostgreSQL data source, "Macros"). */
function asGrafana(sql: string): string {
  const from = new Date(Date.now() - 6 * 3_600_000).toISOString()
  const to = new Date().toISOString()
  const seconds = 60
  return sql
    .replaceAll('$tenant', TENANT)
    .replaceAll('$gateway', GATEWAY)
    .replaceAll('$channel', channelKey)
    .replaceAll('$__interval_ms', String(seconds * 1000))
    .replaceAll('$__interval', `${seconds}s`)
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, `$1 BETWEEN '${from}' AND '${to}'`)
    .replaceAll(
      /\$__timeGroupAlias\(([^,]+),[^)]+\)/g,
      `floor(extract(epoch from $1)/${seconds})*${seconds} AS "time"`,
    )
}

/** Two sites with a tenant each, alike in all but the name. */
async function fill(admin: pg.Client): Promise<void> {
  for (const [index, [tenant, name]] of [
    [TENANT, 'A'],
    [OTHER, 'Other'],
  ].entries()) {
    const gateway = index === 0 ? GATEWAY : OTHER
    const site = await admin.query<{ id: string }>(
      `INSERT INTO millwright.sites (name, last_seen_at, clock_offset_ms, app_version)
       VALUES ($1, now(), 12, '0.1.0') RETURNING id`,
      [`Plant ${name}`],
    )
    const siteId = site.rows[0]?.id
    await admin.query(
      `INSERT INTO millwright.tenants (id, slug, name, home_site) VALUES ($1, 'main', $2, $3)`,
      [tenant, `Tenant ${name}`, siteId],
    )
    await admin.query(`INSERT INTO millwright.site_tenants VALUES ($1, $2, 'telemetry')`, [siteId, tenant])
    await admin.query(
      `INSERT INTO millwright.gateways
         (id, tenant_id, site_id, mac, code, label, name, dialect, credential, state, secret_salt, secret_hash, usernames,
          client_ids, topics)
       VALUES ($1, $2, $3, 'aabbccddeeff', 'GW001', 'GW001', $4, 'canonical', 'secret', 'active', '00ff', $5, $6, $6, $7)`,
      [
        gateway,
        tenant,
        siteId,
        `Gateway ${name}`,
        'ab'.repeat(32),
        [index === 0 ? 'aabbccddeeff' : 'other'],
        JSON.stringify([{ action: 'publish', topic: 'mw/aabbccddeeff/telemetry' }]),
      ],
    )
    await admin.query(
      `INSERT INTO millwright.certificates
         (id, site_id, tenant_id, gateway_id, kind, serial, subject, key_algorithm, fingerprint, not_before, not_after, state,
          pem)
       VALUES ($1, $2, $3, $1, 'gateway', $4, 'CN=aabbccddeeff', 'EC', $5, now(), now() + interval '1 year', 'active', '')`,
      [gateway, siteId, tenant, `serial ${name}`, 'cd'.repeat(32)],
    )
    const channel = await admin.query<{ key: string }>(
      `INSERT INTO millwright.channels (id, site_id, tenant_id, gateway_id, assignment_id, name, unit, kind)
       VALUES (gen_random_uuid(), $1, $2, $3, gen_random_uuid(), $4, '°C', 'number') RETURNING key`,
      [siteId, tenant, gateway, `temperature ${name}`],
    )
    const key = channel.rows[0]?.key ?? ''
    if (index === 0) channelKey = key
    await admin.query(
      `INSERT INTO millwright.telemetry (channel, ts, seq, value, tenant, flags)
       SELECT $1, now() - n * interval '30 seconds', n, 20 + n, $2, 0 FROM generate_series(1, 10) n`,
      [key, index + 1],
    )
    await admin.query(
      `INSERT INTO millwright.sync_state (site_id, tenant_id, backlog_rows, state) VALUES ($1, $2, 5, 'live')`,
      [siteId, tenant],
    )
  }
}
