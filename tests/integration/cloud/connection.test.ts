import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { checkedCa } from '#platform/postgres/ca-certificate.ts'
import { openCloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { CloudDestination } from '#platform/postgres/cloud-destination.ts'
import { type PostgresServer, postgresVersions, startPostgres } from '#tests/fixtures/postgres-server.ts'

let postgres: PostgresServer
const servers: Server[] = []
const sockets = new Set<Socket>()
const stop = new AbortController()
const signal = stop.signal

beforeAll(async () => {
  postgres = await startPostgres()
  const admin = await postgres.connect()
  await admin.query(`CREATE ROLE plain LOGIN PASSWORD 'plain'`)
  await admin.end()
})
afterAll(async () => {
  stop.abort()
  await postgres.stop()
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

const there = (changes: Partial<CloudDestination> = {}): CloudDestination => ({
  host: 'localhost',
  port: postgres.port,
  database: 'postgres',
  username: 'plain',
  password: 'plain',
  caCertificate: postgres.ca,
  insideNetwork: true,
  ...changes,
})
const open = (changes: Partial<CloudDestination> = {}, options = {}) =>
  openCloudConnection(there(changes), { name: 'test', signal, ...options })

/** The code and data of the refusal. */
async function refusal(attempt: Promise<{ close(): Promise<void> }>) {
  try {
    await (await attempt).close()
    return 'connected'
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    return { code: error.code, ...error.data }
  }
}

/** A server of whatever is no Postgres. */
async function listener(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test.each(['localhost', '127.0.0.1'])('%s: signed in over TLS, counted on the wire', async (host) => {
  const connection = await open({ host })
  expect(connection.serverVersionNumber).toBeGreaterThan(140_000)
  expect(connection.serverVersion).toMatch(/^\d+/)
  expect(connection.certificate?.subject).toContain('CN=')
  const before = connection.bytesWritten
  const secret = randomBytes(50_000).toString('hex')
  const { rows } = await connection.client.query('SELECT length($1::text) AS length', [secret])
  expect(rows).toEqual([{ length: 100_000 }])
  const sent = connection.bytesWritten - before
  expect(sent).toBeGreaterThan(100_000)
  expect(sent).toBeLessThan(102_000)
  const read = connection.bytesRead
  await connection.client.query(`SELECT repeat('x', 100000)`)
  expect(connection.bytesRead - read).toBeGreaterThan(100_000)
  expect(connection.bytesRead - read).toBeLessThan(102_000)
  await connection.close()
  expect(await connection.ended).toBeNull()
})

test('the limits are set at the server, whatever the environment of this process says', async () => {
  process.env['PGOPTIONS'] = '-c statement_timeout=1 -c search_path=public'
  process.env['PGAPPNAME'] = 'other'
  try {
    const connection = await open({}, { silence: 10_000 })
    const { rows } = await connection.client.query(
      `SELECT current_setting('statement_timeout') AS statement, current_setting('application_name') AS name,
        current_setting('tcp_user_timeout') AS unacknowledged, current_setting('search_path') AS path, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls`,
    )
    expect(rows).toEqual([
      {
        statement: '8s',
        name: 'millwright test',
        unacknowledged: '90000',
        path: 'pg_catalog,pg_temp',
        tls: true,
      },
    ])
    await connection.close()
  } finally {
    delete process.env['PGOPTIONS']
    delete process.env['PGAPPNAME']
  }
})

test('transactions of the one connection take turns', async () => {
  const connection = await open()
  await connection.client.query('CREATE TEMP TABLE turns (who int)')
  const { sql } = await import('kysely')
  const write = (who: number) =>
    connection.db.transaction().execute(async (trx) => {
      await sql`INSERT INTO turns VALUES (${who})`.execute(trx)
      await sql`SELECT pg_sleep(0.01)`.execute(trx)
      if (who === 2) throw new Error('back')
      await sql`INSERT INTO turns VALUES (${who})`.execute(trx)
    })
  await Promise.allSettled([write(1), write(2), write(3)])
  const { rows } = await connection.client.query('SELECT who FROM turns')
  expect(rows.map(({ who }) => who)).toEqual([1, 1, 3, 3])
  await connection.close()
})

test('what a person gave wrongly is said', async () => {
  expect(await refusal(open({ password: 'wrong' }))).toEqual({
    code: 'cloud_login_refused',
    host: 'localhost',
    username: 'plain',
  })
  expect(await refusal(open({ username: 'nobody' }))).toMatchObject({ code: 'cloud_login_refused' })
  expect(await refusal(open({ database: 'nowhere' }))).toMatchObject({
    code: 'cloud_database_unknown',
    database: 'nowhere',
  })
  expect(await refusal(open({ host: 'no-such-host.invalid' }))).toEqual({
    code: 'cloud_host_unknown',
    host: 'no-such-host.invalid',
  })
  const port = await listener(() => undefined)
  for (const server of servers.splice(0)) server.close()
  expect(await refusal(open({ port }))).toMatchObject({ code: 'cloud_unreachable', port })
})

test('a server is known by its certificate only', async () => {
  expect(await refusal(open({ caCertificate: null }))).toMatchObject({ code: 'cloud_certificate_unknown' })
  const other = await startPostgres()
  try {
    expect(await refusal(open({ caCertificate: checkedCa(other.ca) }))).toMatchObject({
      code: 'cloud_certificate_unknown',
    })
  } finally {
    await other.stop()
  }
  const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
  expect(await refusal(open({ host: 'db.example' }, { resolve }))).toEqual({
    code: 'cloud_certificate_name',
    host: 'db.example',
    names: expect.stringContaining('localhost'),
  })
})

test('where a name leads is looked at before anything is sent', async () => {
  let calls = 0
  const port = await listener(() => void (calls += 1))
  const to = (address: string) => ({
    resolve: async () => [{ address, family: 4 as const }],
  })
  expect(await refusal(open({ port, insideNetwork: false }))).toMatchObject({ code: 'cloud_inside_network' })
  expect(await refusal(open({ port, host: '127.0.0.1', insideNetwork: false }))).toMatchObject({
    code: 'cloud_inside_network',
  })
  expect(await refusal(open({ port, host: 'db.example' }, to('169.254.169.254')))).toEqual({
    code: 'cloud_address_refused',
    host: 'db.example',
    address: '169.254.169.254',
  })
  expect(calls).toBe(0)
})

test('an address that takes no connection gives way to the next', async () => {
  const resolve = async () => ['127.0.0.77', '127.0.0.1'].map((address) => ({ address, family: 4 as const }))
  const connection = await open({ host: 'localhost' }, { resolve })
  expect(connection.serverVersionNumber).toBeGreaterThan(140_000)
  await connection.close()
})

test('nothing is said to a server without TLS', async () => {
  const plain = await startPostgres({ tls: false })
  try {
    expect(await refusal(open({ port: plain.port }))).toEqual({
      code: 'cloud_tls_refused',
      host: 'localhost',
    })
  } finally {
    await plain.stop()
  }
})

test.each([
  ['HTTP', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'cloud_not_postgres'],
  // Bytes behind the answer would be taken for the server's own once TLS stands (CVE-2021-23222).
  ['one who stuffs the answer', (socket: Socket) => void socket.write('Sxxxxx'), 'cloud_not_postgres'],
  ['who hangs up', (socket: Socket) => void socket.end(), 'cloud_unreachable'],
  ['who resets', (socket: Socket) => void socket.resetAndDestroy(), 'cloud_unreachable'],
  [
    'who speaks no TLS after all',
    (socket: Socket) => {
      socket.write('S')
      socket.on('data', () => socket.write('nonsense'.repeat(9)))
    },
    'cloud_link_lost',
  ],
])('%s', async (_who, answer, code) => {
  const port = await listener((socket) => void socket.once('data', () => answer(socket)))
  expect(await refusal(open({ port }))).toMatchObject({ code })
})

test('who takes the connection and says nothing is given up in time', async () => {
  const port = await listener(() => undefined)
  expect(await refusal(open({ port }, { connectTimeout: 300 }))).toEqual({
    code: 'cloud_silent',
    host: 'localhost',
    seconds: 1,
  })
  const never = () => new Promise<never>(() => undefined)
  expect(await refusal(open({}, { connectTimeout: 100, resolve: never }))).toMatchObject({
    code: 'cloud_host_unknown',
  })
})

test('a connection that goes silent under a query ends, and says why to everyone who waits', async () => {
  const connection = await open({}, { silence: 400 })
  await connection.client.query('SET statement_timeout = 0')
  const failed = connection.client.query('SELECT pg_sleep(60)').catch((error: unknown) => error)
  expect(await connection.ended).toMatchObject({ code: 'cloud_silent' })
  expect(connection.failureOf(await failed, 'sending')).toMatchObject({ code: 'cloud_silent' })
  // Silence while nothing is due is no matter.
  const idle = await open({}, { silence: 100 })
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect((await idle.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await idle.close()
})

test('the server gives up first what takes too long, and the connection lives', async () => {
  const connection = await open({}, { silence: 1_000 })
  const error = await connection.client.query('SELECT pg_sleep(60)').catch((failure: unknown) => failure)
  expect(connection.failureOf(error, 'sending')).toMatchObject({ code: 'cloud_busy' })
  expect((await connection.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await connection.close()
})

test('a session that the server ends, a signal that ends it', async () => {
  const connection = await open()
  const { rows } = await connection.client.query('SELECT pg_backend_pid() AS pid')
  const admin = await postgres.connect()
  await admin.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
  expect(await connection.ended).toMatchObject({ code: 'cloud_starting' })
  const own = new AbortController()
  const other = await open({}, { signal: own.signal })
  own.abort()
  expect(await other.ended).toBeNull()
  await expect(other.client.query('SELECT 1')).rejects.toThrow()
  await expect(open({}, { signal: own.signal })).rejects.toThrow(/abort/i)
  await admin.end()
})

test.runIf(postgresVersions().includes(11))('Postgres 11 is too old', async () => {
  const old = await startPostgres({ version: 11 })
  try {
    const admin = await old.connect()
    await admin.query(`CREATE ROLE plain LOGIN PASSWORD 'plain'`)
    expect(await refusal(open({ port: old.port, caCertificate: old.ca }))).toMatchObject({
      code: 'cloud_version_too_old',
      version: expect.stringMatching(/^11\./),
    })
  } finally {
    await old.stop()
  }
})

test('a CA is certificates and nothing else', () => {
  expect(checkedCa(`words before\n${postgres.ca}\nafter`)).toMatch(
    /^-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----$/,
  )
  for (const pem of ['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
    expect(() => checkedCa(pem)).toThrow(expect.objectContaining({ code: 'cloud_ca_invalid' }))
  const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'
  expect(() => checkedCa(key)).toThrow(expect.objectContaining({ data: { cause: 'it holds a private key' } }))
})
