import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, postgresVersions, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { DENIED, refusedWith, relationsThere } from './attack/catalog.ts'
import { type FilledCloud, filledCloud, tenants } from './attack/filled-cloud.ts'
import { trapped } from './attack/public-schema.ts'
import { functions, type RelationVerdict, verdictOf } from './attack/verdicts.ts'
import { attackTables, fingerprint, whatWentThrough } from './attack/writes.ts'

/**
 * With the login of a site and with that of a reader, against every object of the schema: read and change what is not
 * theirs. `mine` attacks, `theirs` is attacked.
 */
let server: PostgresServer
let filled: FilledCloud
let site: pg.Client
let reader: pg.Client
let emqx: pg.Client

beforeAll(async () => {
  server = await startPostgres()
  filled = await filledCloud(server)
  site = await filled.as(filled.mine.access)
  reader = await filled.as(filled.readers.mine)
  emqx = await filled.as(filled.emqx)
})
afterAll(() => server.stop())

test('every table of the schema has a verdict, and row-level security that its owner obeys too', async () => {
  const there = await relationsThere(filled.superuser)
  expect(there.filter(({ name, kind }) => kind !== 'S' && !verdictOf(name)).map(({ name }) => name)).toEqual(
    [],
  )
  expect(there.filter(({ kind, secured }) => (kind === 'r' || kind === 'p') && !secured)).toEqual([])
  const { rows } = await filled.superuser.query(
    `SELECT relname FROM pg_class WHERE relnamespace = 'millwright'::regnamespace AND relkind = 'v'
       AND relname NOT LIKE 'emqx%' AND NOT coalesce(reloptions @> '{security_barrier=true}', false)`,
  )
  expect(rows).toEqual([])
})

test.each(['site', 'reader'] as const)(
  'a %s reads its own rows and no others, of any table and column',
  async (who) => {
    const client = who === 'site' ? site : reader
    const seen: Record<string, number> = {}
    for (const { name, kind, columns } of await relationsThere(filled.superuser)) {
      if (kind === 'S') {
        expect([name, await refusedWith(client.query(`SELECT * FROM millwright.${name}`))]).toEqual([
          name,
          DENIED,
        ])
        expect([name, await refusedWith(client.query(`SELECT nextval('millwright.${name}')`))]).toEqual([
          name,
          DENIED,
        ])
        expect([name, await refusedWith(client.query(`SELECT setval('millwright.${name}', 1)`))]).toEqual([
          name,
          DENIED,
        ])
        continue
      }
      const verdict = verdictOf(name) as RelationVerdict
      const hidden = verdict.hidden?.[who] ?? []
      for (const column of columns) {
        const refused = await refusedWith(client.query(`SELECT ${column} FROM millwright.${name}`))
        const denied = verdict[who] === 'none' || hidden.includes(column)
        expect([`${who} reads ${name}.${column}`, refused]).toEqual([
          `${who} reads ${name}.${column}`,
          denied ? DENIED : 'nothing',
        ])
      }
      if (verdict[who] !== 'none') seen[name] = await expectOwnRows(client, who, name, verdict)
    }
    // Each of them shows something, or nothing would be proved.
    for (const [name, rows] of Object.entries(seen)) expect([name, rows > 0]).toEqual([name, true])
  },
)

async function expectOwnRows(
  client: pg.Client,
  who: 'site' | 'reader',
  name: string,
  { owner, [who]: sight }: RelationVerdict,
): Promise<number> {
  const columns = [owner.site, owner.tenant].filter((column) => column !== undefined)
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT ${columns.length > 0 ? columns.join(', ') : '1'} FROM millwright.${name}`,
  )
  const mySite = filled.mine.access.siteId
  const myTenants: string[] = who === 'site' ? [tenants.common, tenants.mine] : [tenants.mine]
  for (const row of rows) {
    const at = owner.site ? row[owner.site] : undefined
    const of = owner.tenant ? row[owner.tenant] : undefined
    if (of) expect([name, myTenants.includes(of)]).toEqual([name, true])
    if (at && (who === 'reader' || sight === 'own')) expect([name, at]).toEqual([name, mySite])
  }
  return rows.length
}

test('a site reads readings of its own channels only, and a common tenant hides nothing of the other', async () => {
  const own = await site.query<{ channel_key: string }>('SELECT channel_key FROM millwright.readings')
  expect(own.rows.map(({ channel_key }) => channel_key).sort()).toEqual(
    filled.mine.channels.map(({ key }) => key).sort(),
  )
  const all = [...filled.mine.channels, ...filled.theirs.channels].map(({ id }) => id)
  const hours = await site.query<{ channel_id: string }>(
    "SELECT channel_id FROM millwright.hourly($1, now() - interval '1 day', now() + interval '1 day')",
    [all],
  )
  expect(hours.rows.map(({ channel_id }) => channel_id).sort()).toEqual(
    filled.mine.channels.map(({ id }) => id).sort(),
  )
})

test('of conflicts at a common tenant a site sees those of groups, and of its own gateways and people', async () => {
  const { rows } = await site.query(
    'SELECT entity, count(*)::integer AS n FROM millwright.conflicts WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1',
    [tenants.common],
  )
  expect(rows).toEqual([{ entity: 'gateway', n: 1 }, { entity: 'group', n: 2 }, { entity: 'user', n: 1 }]) // biome-ignore format: one answer
})

test('a function with side effects that is planned first sees no row of others', async () => {
  for (const client of [site, reader]) {
    const seen: string[] = []
    const hear = (notice: { message?: string | undefined }) => seen.push(notice.message ?? '')
    client.on('notice', hear)
    await client.query(`CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
      AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`)
    for (const question of [
      'gateways WHERE pg_temp.leak(name)',
      'groups WHERE pg_temp.leak(name)',
      'channels WHERE pg_temp.leak(site_id::text)',
      'readings WHERE pg_temp.leak(tenant_id::text)',
      'devices WHERE pg_temp.leak(site_id::text)',
    ]) {
      await client.query(`SELECT count(*) FROM millwright.${question}`)
    }
    client.off('notice', hear)
    expect(seen.length).toBeGreaterThan(4)
    expect(seen).not.toContain('gateway of 200')
    expect(seen).not.toContain(tenants.theirs)
    expect(seen).not.toContain(filled.theirs.access.siteId)
  }
})

test('a reader changes nothing at all', async () => {
  expect(await whatWentThrough(filled, reader)).toEqual([])
})

test('EMQX sees its two views and changes nothing', async () => {
  expect(await whatWentThrough(filled, emqx)).toEqual([])
  for (const { name, kind } of await relationsThere(filled.superuser)) {
    const refused = await refusedWith(emqx.query(`SELECT 1 FROM millwright.${name}`))
    expect([name, refused]).toEqual([name, kind === 'v' && name.startsWith('emqx_') ? 'nothing' : DENIED])
  }
  for (const name of Object.keys(functions)) {
    const { rows } = await filled.superuser.query(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'millwright'::regnamespace AND proname = $1
         AND has_function_privilege($2, oid, 'EXECUTE')`,
      [name, filled.emqx.username],
    )
    expect([name, rows]).toEqual([name, []])
  }
})

test('every function has a verdict, and those that run as the owner look for names where nobody puts any', async () => {
  const { rows } = await filled.superuser.query<{ name: string; definer: boolean; config: string[] | null; site: boolean; reader: boolean; anybody: boolean }>(
    `SELECT p.proname AS name, p.prosecdef AS definer, p.proconfig AS config,
       has_function_privilege('millwright_site', p.oid, 'EXECUTE') AS site,
       has_function_privilege('millwright_reader', p.oid, 'EXECUTE') AS reader,
       EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0) OR p.proacl IS NULL AS anybody
     FROM pg_proc p WHERE p.pronamespace = 'millwright'::regnamespace ORDER BY 1`,
  ) // biome-ignore format: one query
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(functions).sort())
  for (const { name, definer, config, ...calls } of rows) {
    const verdict = functions[name]
    expect({ name, ...calls }).toEqual({
      name,
      site: verdict !== 'nobody',
      reader: verdict === 'site and reader',
      anybody: false,
    })
    const path = config?.find((setting) => setting.startsWith('search_path='))
    expect([name, path]).toEqual([
      name,
      expect.stringMatching(/^search_path=pg_catalog, (millwright, )?pg_temp$/),
    ])
    if (verdict !== 'nobody') expect([name, definer]).toEqual([name, true])
  }
})

test('functions for sites do nothing to what is not the site’s', async () => {
  const before = await fingerprint(filled, 'foreign')
  const { siteId } = filled.theirs.access
  const [key] = filled.theirs.channels.map((channel) => channel.key)
  const ask = async (sql: string, values: unknown[]) =>
    Object.values((await site.query(sql, values)).rows[0] ?? {})[0]
  expect(await ask("SELECT millwright.hello($1, '{token}', 'x', '1', 0)", [siteId])).toEqual({
    result: 'unknown_site',
  })
  expect(await ask("SELECT millwright.adopt($1, 'x')", [siteId])).toEqual({ result: 'unknown_site' })
  expect(await ask("SELECT millwright.offer_tenant($1, 's', 'n', 'fleet')", [tenants.theirs])).toBe('refused')
  expect(await ask("SELECT millwright.set_mode($1, 'telemetry')", [tenants.theirs])).toBe(false)
  expect(await ask('SELECT millwright.forget_tenant($1)', [tenants.theirs])).toMatchObject({
    readings: 0,
    objects: 0,
  })
  expect(await ask('SELECT millwright.day_digests($1, $2, $3)', [[key], 0, 4e12])).toBeUndefined()
  // Of another site only what it is called, and only by a tenant that both have.
  const called = (tenant: string) =>
    ask('SELECT millwright.site_called($1, $2)', [siteId.slice(0, 8), tenant])
  expect(await called(tenants.common)).toBe('Theirs')
  expect(await called(tenants.mine)).toBeNull()
  expect(await called(tenants.theirs)).toBeNull()

  await site.query('SELECT millwright.open_incoming()')
  const send = async (channel: string | undefined) => {
    await site.query('BEGIN')
    await site.query(
      `INSERT INTO pg_temp.millwright_incoming (run, channel, flags, n, ts, span, ts_step, seq, seq_step, value, value_step, scale)
       VALUES (0, $1, 0, 1, $2, 0, 0, 99, 0, 666, 0, 1)`,
      [channel, Date.now()],
    )
    try {
      return await ask('SELECT millwright.take_readings()', [])
    } finally {
      await site.query('COMMIT')
    }
  }
  expect(await refusedWith(send(key))).toBe('P0001')
  expect(await send(filled.mine.channels[0]?.key)).toMatchObject({ written: 1 })
  expect(await fingerprint(filled, 'foreign')).toEqual(before)
  const theirs = await filled.superuser.query(
    'SELECT FROM millwright.telemetry WHERE value = 666 AND channel = $1',
    [key],
  )
  expect(theirs.rowCount).toBe(0)
})

test('keys of channels are given, whatever is asked for', async () => {
  const [own] = filled.mine.channels
  const insert = `INSERT INTO millwright.channels (key, id, site_id, tenant_id, gateway_id, assignment_id, name, kind)
    VALUES ($1, gen_random_uuid(), $2, $3, $3, $3, 'x', 'number') RETURNING key`
  const [foreign] = filled.theirs.channels
  const made = await site.query<{ key: string }>(insert, [
    Number(foreign?.key) + 1, filled.mine.access.siteId, tenants.mine,
  ]) // biome-ignore format: one row
  expect(BigInt(made.rows[0]?.key ?? 0) >> 32n).toBe(BigInt(own?.key ?? 0) >> 32n)
  const steal = 'UPDATE millwright.channels SET key = $1 WHERE id = $2'
  expect(await refusedWith(site.query(steal, [foreign?.key, own?.id]))).toBe(DENIED)
})

test.each(['site', 'reader'] as const)(
  'a %s gains nothing by shadowing names or by changing its session',
  async (who) => {
    const login = who === 'site' ? filled.mine.access : filled.readers.mine
    const client = await filled.as(login)
    const whoAmI =
      'SELECT millwright.my_site() AS site, millwright.my_tenants() AS tenants, millwright.am_admin() AS admin'
    const before = (await client.query(whoAmI)).rows
    await client.query(
      `CREATE TEMP TABLE sites AS SELECT '${filled.theirs.access.siteId}'::uuid AS id, 2 AS key, session_user::text AS role_name`,
    )
    await client.query(
      `CREATE TEMP TABLE site_tenants AS SELECT '${filled.theirs.access.siteId}'::uuid AS site_id, '${tenants.theirs}'::uuid AS tenant_id`,
    )
    await client.query(`CREATE TEMP TABLE tenants AS SELECT '${tenants.theirs}'::uuid AS id, 3 AS key`)
    await client.query(
      `CREATE FUNCTION pg_temp.my_site() RETURNS uuid LANGUAGE sql AS 'SELECT ''${filled.theirs.access.siteId}''::uuid'`,
    )
    await client.query(
      'CREATE FUNCTION pg_temp.uuid_eq_all(uuid, uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$',
    )
    await client.query(
      'CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.uuid_eq_all)',
    )
    await client.query('SET search_path = pg_temp, millwright, pg_catalog')
    expect((await client.query(whoAmI)).rows).toEqual(before)
    const { rows } = await client.query<{ tenant_id: string }>('SELECT tenant_id FROM millwright.readings')
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.map(({ tenant_id }) => tenant_id)).not.toContain(tenants.theirs)
    await client.query('RESET search_path')

    for (const statement of [
      'SET ROLE millwright_admin',
      `SET ROLE ${filled.theirs.access.username}`,
      `SET SESSION AUTHORIZATION ${filled.theirs.access.username}`,
      'SET SESSION AUTHORIZATION millwright_admin',
      `GRANT millwright_admin TO ${login.username}`,
      'ALTER ROLE CURRENT_USER SUPERUSER',
      'ALTER ROLE CURRENT_USER BYPASSRLS',
      `ALTER ROLE ${filled.theirs.access.username} PASSWORD 'x'`,
      'CREATE ROLE another LOGIN',
      'CREATE TABLE millwright.mine (x integer)',
      'CREATE VIEW millwright.mine AS SELECT 1',
      'CREATE FUNCTION millwright.mine() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE SCHEMA mine',
      'ALTER TABLE millwright.gateways DISABLE ROW LEVEL SECURITY',
      'DROP POLICY site_reads ON millwright.gateways',
      'CREATE POLICY mine ON millwright.gateways USING (true)',
      'CREATE TRIGGER mine BEFORE UPDATE ON millwright.gateways FOR EACH ROW EXECUTE FUNCTION millwright.stamp_fields()',
      'ALTER FUNCTION millwright.hello(uuid, text[], text, text, bigint) OWNER TO CURRENT_USER',
      'DROP TABLE millwright.audit',
      "COPY (SELECT 1) TO PROGRAM 'true'",
      "COPY (SELECT 1) TO '/tmp/millwright-attack'",
      "CREATE TEMP TABLE lines (x text); COPY lines FROM '/etc/hostname'",
      "SELECT pg_read_file('/etc/hostname')",
      "SELECT lo_import('/etc/hostname')",
      'SELECT rolpassword FROM pg_authid',
      "SELECT set_config('session_replication_role', 'replica', false)",
      "LOAD 'plpgsql'; ALTER SYSTEM SET log_statement = 'all'",
    ]) {
      expect([statement, await refusedWith(client.query(statement))]).toEqual([statement, DENIED])
    }
    // Turned off, row-level security refuses; it does not let through.
    await client.query('SET row_security = off')
    expect(await refusedWith(client.query('SELECT id FROM millwright.gateways'))).toBe(DENIED)
    await client.query('SET row_security = on')
    // Statistics of columns hold values of rows.
    expect((await client.query("SELECT FROM pg_stats WHERE schemaname = 'millwright'")).rowCount).toBe(0)
    await client.end()
  },
)

test('what a site makes under the name of the table for readings is not read', async () => {
  const traps = [
    'CREATE TEMP VIEW millwright_incoming AS SELECT pg_temp.trap() AS channel',
    'CREATE TEMP TABLE millwright_incoming (channel bigint)',
    'CREATE TEMP SEQUENCE millwright_incoming',
  ]
  for (const trap of traps) {
    const client = await filled.as(filled.mine.access)
    await client.query(`CREATE FUNCTION pg_temp.trap() RETURNS bigint LANGUAGE plpgsql
      AS $$ BEGIN UPDATE millwright.sites SET name = 'taken'; RETURN 1; END $$`)
    await client.query(trap)
    await refusedWith(client.query('GRANT ALL ON millwright_incoming TO PUBLIC'))
    expect([trap, await refusedWith(client.query('SELECT millwright.open_incoming()'))]).not.toEqual([
      trap,
      'nothing',
    ])
    expect([trap, await refusedWith(client.query('SELECT millwright.take_readings()'))]).not.toEqual([
      trap,
      'nothing',
    ])
    await client.end()
  }
  const taken = await filled.superuser.query("SELECT FROM millwright.sites WHERE name = 'taken'")
  expect(taken.rowCount).toBe(0)

  const client = await filled.as(filled.mine.access)
  await client.query('SELECT millwright.open_incoming()')
  await client.query(
    "CREATE FUNCTION pg_temp.trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
  )
  for (const statement of [
    'SELECT * FROM pg_temp.millwright_incoming',
    'ALTER TABLE pg_temp.millwright_incoming ADD x integer',
    'ALTER TABLE pg_temp.millwright_incoming RENAME TO other',
    'DROP TABLE pg_temp.millwright_incoming',
    'TRUNCATE pg_temp.millwright_incoming',
    'CREATE POLICY mine ON pg_temp.millwright_incoming USING (true)',
    'CREATE TRIGGER mine BEFORE INSERT ON pg_temp.millwright_incoming FOR EACH ROW EXECUTE FUNCTION pg_temp.trap()',
    'CREATE RULE mine AS ON INSERT TO pg_temp.millwright_incoming DO ALSO SELECT 1',
  ]) {
    expect([statement, await refusedWith(client.query(statement))]).toEqual([statement, DENIED])
  }
  await client.end()
})

test('a site changes nothing that is not its own, in any table and column', async () => {
  const before = await fingerprint(filled, 'foreign')
  const { rows } = await filled.superuser.query(
    'SELECT id, key, name, token, role_name FROM millwright.sites ORDER BY key',
  )
  await attackTables(filled, site)
  const after = await fingerprint(filled, 'foreign')
  expect(after).toEqual(before)
  expect(
    (
      await filled.superuser.query(
        'SELECT id, key, name, token, role_name FROM millwright.sites ORDER BY key',
      )
    ).rows,
  ).toEqual(rows)
})

test('what a site put into the schema public, where it may, is called by nobody of ours', async () => {
  const version = postgresVersions().findLast((there) => there >= 14)
  if (!version) throw new Error('there is no Postgres')
  expect(await trapped(version)).toEqual({ calledBy: [], open: false, warnings: ['the schema public'] })
})
