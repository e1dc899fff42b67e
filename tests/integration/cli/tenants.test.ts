import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright, millwrightJson } from './command.ts'

let site: TestSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.stop())

const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await millwright([...args, '--data', site.dataDir])
  return { code, out: stdout.trimEnd(), err: stderr.trimEnd() }
}
const json = <T>(...args: string[]) => millwrightJson<T>([...args, '--data', site.dataDir])

test('a tenant is added, limited, suspended and resumed', async () => {
  const made = await json<{ slug: string }>('tenants', 'create', 'Aurora Dairy')
  expect(made).toMatchObject({ slug: 'aurora-dairy', state: 'active' })
  const limits = ['--gateways', '5', '--storage-days', '90']
  expect(await json('tenants', 'limit', made.slug, ...limits)).toMatchObject({
    allowed: { gateways: 5 },
    quotas: { storageDays: 90, messagesPerHour: null },
  })
  expect(await json('tenants', 'limit', made.slug, '--gateways', 'default')).toMatchObject({
    allowed: { gateways: 1_000 },
    quotas: { storageDays: 90 },
  })
  expect((await run('tenants', 'suspend', made.slug, '--reason', 'not paid')).out).toBe(
    'Aurora Dairy is suspended',
  )
  expect((await run('tenants', 'list')).out).toMatch(/aurora-dairy +Aurora Dairy +suspended +0 \/ 1000/)
  expect((await run('tenants', 'show', made.slug)).out).toMatch(/reason +not paid/)
  expect((await run('tenants', 'resume', made.slug)).out).toBe('Aurora Dairy is active')
  const again = await run('tenants', 'resume', made.slug)
  expect([again.code, again.err]).toEqual([1, 'millwright: The tenant aurora-dairy is active already'])
  const renamed = await json('tenants', 'update', made.slug, '--slug', 'aurora')
  expect(renamed).toMatchObject({ slug: 'aurora', name: 'Aurora Dairy' })
})

test('what is no quota is wrong usage', async () => {
  for (const args of [['--gateways', 'many'], ['--gateways', '-1'], []])
    expect((await run('tenants', 'limit', 'plant-1', ...args)).code).toBe(2)
})

test('groups are made, moved and deleted by their paths, and gateways placed in them', async () => {
  const own = ['--tenant', 'plant-1']
  await run('groups', 'create', 'Hall', ...own)
  await run('groups', 'create', 'Line 1', '--below', 'Hall', ...own)
  await run('groups', 'create', 'Yard', ...own)
  const create = ['gateways', 'create', '--code', 'GW001', '--name', 'Boiler']
  expect(await json(...create, '--group', 'Hall/Line 1', ...own)).toMatchObject({
    group: { path: ['Hall', 'Line 1'] },
  })
  expect((await run('groups', 'list', ...own)).out).toMatch(/Hall\/Line 1 +1 /)
  const circle = await run('groups', 'move', 'Hall', '--below', 'Hall/Line 1', ...own)
  expect([circle.code, circle.err]).toEqual([1, 'millwright: The group "Hall" cannot be put below itself'])
  expect((await run('groups', 'move', 'Hall/Line 1', '--below', 'Yard', ...own)).out).toMatch(
    /^Yard\/Line 1 \(/,
  )
  expect((await run('groups', 'rename', 'Yard/Line 1', 'Line A', ...own)).out).toMatch(/^Yard\/Line A/)
  const { gateways } = await json<{ gateways: unknown[] }>('gateways', 'list', '--group', 'Yard', ...own)
  expect(gateways).toHaveLength(1)
  expect((await run('groups', 'delete', 'Yard/Line A', ...own)).err).toContain('holds 1 gateways')
  expect((await run('groups', 'delete', 'Yard/Line A', '--content', 'to-parent', ...own)).code).toBe(0)
  expect(await json('gateways', 'show', 'GW001')).toMatchObject({ group: { path: ['Yard'] } })
  expect(await json('gateways', 'place', 'GW001', '--group', 'none')).toMatchObject({ group: null })
})
