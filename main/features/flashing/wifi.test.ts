import { afterAll, beforeAll, expect, test } from 'vitest'
import { wholeTenant } from '#features/access/index.ts'
import { type EnrollmentSite, enrollmentSite } from '#tests/fixtures/enrollment-site.ts'
import { WifiService } from './wifi.service.ts'

let site: EnrollmentSite
let wifi: WifiService
const north = wholeTenant('north')
const south = wholeTenant('south')

beforeAll(async () => {
  site = await enrollmentSite()
  wifi = new WifiService(site)
})
afterAll(() => site.close())

const draft = () => site.draft('wifi_network.add')
const sealed = () =>
  site.db.selectFrom('sealedSecrets').selectAll().where('purpose', '=', 'wifi-password').execute()

test('a password is sealed, leaves into boards alone, and goes with its network', async () => {
  const audit = draft()
  const { id, ...made } = await wifi.add(north, { ssid: 'PLANT', password: 'open sesame 7' }, audit)
  expect(made).toMatchObject({ tenantId: 'north', ssid: 'PLANT', hasPassword: true })
  expect(JSON.stringify([made, audit.details])).not.toContain('sesame')
  const [box] = await sealed()
  expect(Buffer.from(box?.box ?? []).toString('latin1')).not.toContain('sesame')
  expect(await wifi.open(north, id)).toEqual({ ssid: 'PLANT', password: 'open sesame 7' })
  // The same name again is a new password, and the old one is gone.
  const again = await wifi.add(north, { ssid: 'PLANT', password: 'open sesame 8' }, draft())
  expect(again.id).toBe(id)
  expect(await sealed()).toHaveLength(1)
  expect(await wifi.open(north, id)).toMatchObject({ password: 'open sesame 8' })
  await wifi.remove(north, id, draft())
  expect(await sealed()).toEqual([])
})

test('another tenant has nothing of it', async () => {
  const { id } = await wifi.add(north, { ssid: 'NORTH', password: '' }, draft())
  expect(await wifi.list(south, undefined)).toEqual([])
  await expect(wifi.open(south, id)).rejects.toMatchObject({ code: 'not_found' })
  await expect(wifi.remove(south, id, draft())).rejects.toMatchObject({ code: 'not_found' })
  expect(await wifi.open(north, id)).toEqual({ ssid: 'NORTH', password: '' })
})

test.each([
  ['€'.repeat(11), 'long enough', 'bytes'],
  ['a\u0007b', 'long enough', 'control'],
  ['PLANT', 'short', '8 to 63'],
  ['PLANT', 'x'.repeat(64), '8 to 63'],
  ['PLANT', 'pässwörter', 'ASCII'],
])('%j with %j is refused', async (ssid, password, problem) => {
  await expect(wifi.add(north, { ssid, password }, draft())).rejects.toThrow(problem)
})
