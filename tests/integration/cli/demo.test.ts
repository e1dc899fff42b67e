import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRestClient } from '#client/rest-client.ts'
import { bareEnvironment, cliEntry } from './command.ts'

let child: ChildProcess
let site: ReturnType<typeof createRestClient>

beforeAll(async () => {
  const ports = ['--http', '0', '--https', '0', '--device-https', '0', '--mqtts', '0']
  child = spawn(process.execPath, [cliEntry, 'serve', '--demo', ...ports], {
    env: bareEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [line] = (await once(lines, 'line')) as [string]
  site = createRestClient(/^ready (http:\/\/localhost:\d+) /.exec(line)?.[1] ?? '', fetch)
})
afterAll(() => {
  child.kill('SIGKILL')
})

it('signs its visitor in, with two tenants and a plant that lives', async () => {
  expect(await site.auth.me()).toMatchObject({ role: 'site_admin' })
  const { tenants } = await site.site.info()
  expect(tenants.map(({ slug }) => slug)).toEqual(['dairy-north', 'riverside'])
  const counts = async () => (await site.overview.show()).counts
  await expect
    .poll(counts, { timeout: 30_000 })
    .toMatchObject({ online: 20, offline: 1, suspended: 1, refused: 1 })
  expect((await site.site.status()).readingsPerSecond).toBeGreaterThan(20)
})

it('has a day of history that goes on live without a seam', async () => {
  const query = { gateway: 'RV-01', channel: 'boiler/supply', buckets: 24 }
  const filled = async () => (await site.telemetry.query(query)).buckets?.count.length ?? 0
  await expect.poll(filled, { timeout: 30_000 }).toBeGreaterThanOrEqual(24)
  const { channels } = await site.telemetry.channels({ gateway: 'RV-01' })
  expect(channels.find(({ key }) => key === 'boiler/supply')).toMatchObject({ unit: '°C', kind: 'number' })
  const recent = await site.telemetry.query({ ...query, from: Date.now() - 60_000, buckets: 6 })
  expect(recent.buckets?.count.length).toBeGreaterThanOrEqual(6)
})

it('has boxes that knock, and lives on with those that its visitor claims', async () => {
  const { windows } = await site.claims.windows()
  expect(windows).toMatchObject([{ tenant: { name: 'Riverside' } }])
  const waiting = async () => (await site.claims.list({ state: 'waiting' })).knocks
  await expect.poll(async () => (await waiting()).length, { timeout: 30_000 }).toBe(4)
  const [box] = (await waiting()).filter(({ way }) => way === 'csr')
  expect(box).toMatchObject({ manufacturer: 'Raspberry Pi Foundation', hardware: 'simulated' })
  const claimed = await site.claims.accept({ knock: box?.id ?? '', tenant: 'riverside', code: 'RV-NEW' })
  expect(claimed.state).toBe('claimed')
})

it('leaves nothing behind', async () => {
  const { dataDir } = await site.site.info()
  expect(existsSync(dataDir)).toBe(true)
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await gone).toEqual([0, null])
  expect(existsSync(dataDir)).toBe(false)
})
