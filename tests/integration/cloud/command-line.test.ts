import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { CloudLink } from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright } from '../cli/command.ts'

let postgres: PostgresServer
let site: TestSite
let ca: string
let url: string

beforeAll(async () => {
  postgres = await startPostgres()
  const database = await postgres.createDatabase()
  const admin = await postgres.connect()
  await admin.query(`CREATE ROLE head_office LOGIN CREATEROLE PASSWORD 'secret-of-head-office'`)
  await admin.query(`ALTER DATABASE ${database} OWNER TO head_office`)
  await admin.end()
  site = await startSite()
  ca = join(site.dataDir, 'cloud-ca.crt')
  await writeFile(ca, postgres.ca)
  url = `postgres://head_office@127.0.0.1:${postgres.port}/${database}`
})
afterAll(async () => {
  await site?.stop()
  await postgres?.stop()
})

const PGPASSWORD = 'secret-of-head-office'

/** As the cloud's administrator. */
const administrator = (...args: string[]) =>
  millwright(['cloud', ...args, '--url', url, '--ca', ca, '--json'], { env: { PGPASSWORD } })

test('from an empty database to a site that is live, and away again', async () => {
  const made = await administrator('init')
  expect(JSON.parse(made.stdout)).toEqual({ from: 0, to: 1, storage: 'native' })
  const login = JSON.parse((await administrator('add-site', '--name', 'Plant A')).stdout)
  expect(login).toMatchObject({ name: 'Plant A', username: expect.stringMatching(/^millwright_site_/) })
  const again = await administrator('add-site', '--name', 'plant a')
  expect([again.code, JSON.parse(again.stderr).error.code]).toEqual([1, 'cloud_role_exists'])

  const password = join(site.dataDir, 'cloud-password')
  await writeFile(password, `${login.password}\n`)
  const at = ['--data', site.dataDir]
  const there = ['--url', login.url, '--password-file', password, '--ca', ca, '--inside-network', ...at]
  const preview = await millwright(['cloud', 'preview', ...there])
  expect(preview.stdout).toMatch(/Calls this site +Plant A/)
  expect(preview.stdout).toMatch(/plant-1 +telemetry +the first +its own/)
  const unasked = await millwright(['cloud', 'join', ...there, '--tenant', 'plant-1=telemetry'])
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')])
  const unknown = await millwright(['cloud', 'join', ...there, '--tenant', 'nobody=telemetry', '--yes'])
  expect(unknown.code).toBe(2)
  const limited = ['--bytes-per-second', '60000', '--take-tenants', 'on', '--yes']
  const joined = await millwright(['cloud', 'join', ...there, '--tenant', 'plant-1=telemetry', ...limited])
  expect(joined.stderr).toBe('')
  expect(joined.stdout).toMatch(/Limits +60000 bytes\/s, .*tenants of the cloud come here/)
  await new CloudLink(() => site.local).reached('live')
  const status = await millwright(['cloud', 'status', ...at])
  expect(status.stdout).toMatch(/State +live/)
  expect(status.stdout).toMatch(/plant-1 +telemetry/)

  const limits = ['--bytes-per-second', '50000', '--hours', '22:00-06:00', '--json', ...at]
  expect(JSON.parse((await millwright(['cloud', 'limits', ...limits])).stdout).status.limits).toEqual({
    bytesPerSecond: 50_000,
    window: { from: 1_320, to: 360 },
    sendsPasswordHashes: false,
    takesTenants: true,
  })
  expect((await millwright(['cloud', 'dead-letters', 'export', ...at])).stdout).toMatch(/^kind,direction,/)
  expect(JSON.parse((await millwright(['cloud', 'conflicts', 'list', '--json', ...at])).stdout)).toEqual({
    conflicts: [],
    total: 0,
  })
  const cloud = JSON.parse((await administrator('status')).stdout)
  expect(cloud).toMatchObject({ sites: [{ name: 'Plant A' }], tenants: [{ slug: 'plant-1' }] })
  const leaving = ['cloud', 'leave', '--delete-sent', '--json', ...at]
  const notSure = await millwright(leaving)
  expect([notSure.code, notSure.stderr]).toEqual([2, expect.stringContaining('--yes')])
  const left = await millwright([...leaving, '--yes'])
  expect(left.stderr).toBe('')
  expect((await new CloudLink(() => site.local).left()).deletedObjects).toBeGreaterThan(0)
  const after = await millwright(['cloud', 'status', ...at])
  expect(after.stdout).toMatch(/not joined a cloud\n.*deleted there: 0 readings, [1-9]\d* objects/)

  const removal = ['remove-site', 'Plant A', '--delete-data']
  const unsure = await administrator(...removal)
  expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining('--yes')])
  expect(JSON.parse((await administrator(...removal, '--yes')).stdout)).toEqual({
    siteId: login.siteId,
    roleStays: null,
    readings: 0,
    objects: 0,
  })
  expect(JSON.parse((await administrator('status')).stdout).sites).toEqual([])
})

test('what is given wrongly is said, and no password is repeated', async () => {
  const ask = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await millwright(['cloud', 'status', '--ca', ca, '--json', ...args], {
      env,
    })
    expect(stdout + stderr).not.toContain('secret-of')
    return [
      code,
      (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: { code: string } }).error.code,
    ]
  }
  expect(await ask(['--url', url], { PGPASSWORD: 'wrong' })).toEqual([1, 'cloud_login_refused'])
  expect(await ask(['--url', url])).toEqual([2, 'usage'])
  expect(await ask(['--url', `${url}?sslmode=disable`], { PGPASSWORD })).toEqual([1, 'cloud_url_invalid'])
  expect(await ask(['--url', url.replace(/\/[^/]*$/, '/postgres')], { PGPASSWORD })).toEqual([
    1,
    'cloud_schema_missing',
  ])
})
