import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, postgresVersions, startPostgres } from '#tests/fixtures/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

test('every release that is here starts, with TLS and nothing but TLS', async () => {
  expect(postgresVersions()).toContain(18)
  for (const version of postgresVersions().filter((one) => one !== 18)) {
    const other = await startPostgres({ version })
    try {
      const client = await other.connect()
      const { rows } = await client.query<{ version: string; ssl: boolean }>(
        "SELECT current_setting('server_version') AS version, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      )
      expect(rows[0]?.ssl).toBe(true)
      expect(Number.parseInt(rows[0]?.version ?? '', 10)).toBe(version)
      await client.end()
    } finally {
      await other.stop()
    }
  }
})

test('what was committed is there after a restart and after a kill, on the same port', async () => {
  const database = await server.createDatabase()
  const before = await server.connect({ database })
  await before.query('CREATE TABLE readings (value integer)')
  await before.query('INSERT INTO readings VALUES (1)')
  await server.restart()
  const between = await server.connect({ database })
  await between.query('INSERT INTO readings VALUES (2)')
  await server.kill()
  await expect(server.connect({ database })).rejects.toThrow('ECONNREFUSED')
  await server.start()
  const after = await server.connect({ database })
  expect((await after.query('SELECT value FROM readings ORDER BY value')).rows).toEqual([
    { value: 1 },
    { value: 2 },
  ])
  await after.end()
})
