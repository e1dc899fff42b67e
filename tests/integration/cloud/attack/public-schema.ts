import type pg from 'pg'
import { migrateCloud } from '#cloud/migrate.ts'
import { cloudStatus } from '#cloud/status.ts'
import { openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import { SUPERUSER_PASSWORD } from '#tests/fixtures/postgres-cluster.ts'
import { type PostgresServer, type PostgresVersion, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { ADMIN, createCloud } from '#tests/fixtures/shared-cloud.ts'

/**
 * CVE-2018-1058: functions and operators in `public` with arguments that fit better than Postgres' own. They are made by one
 * site, and would be called by what another site asks (the clock of the cloud), and by the administrator's status and init.
 */
const traps = [
  `CREATE FUNCTION public.times(numeric, integer) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.calls VALUES (session_user); RETURN $1 OPERATOR(pg_catalog.*) $2::numeric; END $$`,
  'CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = public.times)',
  `CREATE FUNCTION public.jsonb_build_object(text, uuid, text, text, text, text) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.calls VALUES (session_user); RETURN pg_catalog.jsonb_build_object($1, $2, $3, $4, $5, $6); END $$`,
  `CREATE FUNCTION public.has_database_privilege(name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.calls VALUES (session_user); RETURN true; END $$`,
]

export interface Trapped {
  /** Who ran a site's code. */
  calledBy: string[]
  /** Whether everybody may still make something in `public` once a superuser has run init. */
  open: boolean
  /** Of init by an administrator who cannot close it: the objects of the sentence. */
  warnings: (string | undefined)[]
}

export async function trapped(version: PostgresVersion): Promise<Trapped> {
  const server = await startPostgres({ version })
  try {
    return await springTraps(server)
  } finally {
    await server.stop()
  }
}

async function springTraps(server: PostgresServer): Promise<Trapped> {
  const cloud = await createCloud(server)
  const { database } = cloud
  const superuser = await cloud.connectAsSuperuser()
  // As it is up to Postgres 14.
  await superuser.query('GRANT CREATE ON SCHEMA public TO PUBLIC')
  const [attacker, other] = [await cloud.addSite('A'), await cloud.addSite('B')]
  const signIn = ({ username: user, password }: { username: string; password: string }) =>
    server.connect({ database, user, password })
  const site = await signIn(attacker)
  await site.query('CREATE TABLE public.calls (who text)')
  await site.query('GRANT INSERT ON public.calls TO PUBLIC')
  await site.query(
    "SELECT millwright.offer_tenant('018f0000-0000-7000-8000-000000000001', 'a', 'A', 'fleet')",
  )
  for (const trap of traps) await site.query(trap)

  const askClock = (client: pg.Client) =>
    client.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now')
  const work = async (
    login: { username: string; password: string },
    ask: (client: pg.Client) => Promise<unknown>,
  ) => {
    const { port, ca: caCertificate } = server
    const destination = { ...login, host: 'localhost', port, database, caCertificate, insideNetwork: true }
    const { signal } = new AbortController()
    const connection = await openCloudConnection(destination, { name: 'test', signal })
    await ask(connection.client)
    await connection.close()
  }
  await work(other, askClock)
  // Also of what is not ours: the login has it.
  await askClock(await signIn(other))
  const warnings: string[] = []
  const log = { info: () => undefined, warn: (message: string) => warnings.push(message) }
  await work({ username: ADMIN.user, password: ADMIN.password }, async (client) => {
    await cloudStatus(client)
    await migrateCloud(client, { log })
  })
  await work({ username: 'postgres', password: SUPERUSER_PASSWORD }, async (client) => {
    await cloudStatus(client)
    await migrateCloud(client)
  })
  const calls = await superuser.query<{ who: string }>('SELECT DISTINCT who FROM public.calls ORDER BY 1')
  const open = await superuser.query<{ open: boolean }>(
    "SELECT has_schema_privilege('public', 'public', 'CREATE') AS open",
  )
  return {
    calledBy: calls.rows.map(({ who }) => who),
    open: open.rows[0]?.open === true,
    warnings: warnings.map((text) => /the schema public/.exec(text)?.[0]),
  }
}
