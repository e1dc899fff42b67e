import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { boxKey, csrOf } from '#tests/fixtures/certificate-request.ts'
import { type EnrollmentSite, enrollmentSite, START } from '#tests/fixtures/enrollment-site.ts'
import { EstService } from './est.service.ts'
import { EstPasswordsService } from './est-passwords.service.ts'
import { hashPassword, isPassword, newPassword } from './one-time-password.ts'

let site: EnrollmentSite
let est: EstService
let passwords: EstPasswordsService
let number = 0
let mac: string
const HOUR = 3_600_000

beforeAll(async () => {
  site = await enrollmentSite()
  est = new EstService({ ...site, csrKnocks: { ask: async () => null } })
  passwords = new EstPasswordsService(site)
})
beforeEach(() => {
  site.clock.at = START
  number += 1
  mac = `02:00:00:00:01:${number.toString(16).padStart(2, '0')}`
})
afterAll(() => site.close())

const make = (more: object = {}) =>
  passwords.create({ all: true }, { tenant: 'north', hours: 24, ...more }, site.draft('est.password_create'))
const nobody = () => site.draft('est.enroll')
const gatewayOf = (code: string) => site.fleet.find({ all: true }, { gateway: code, tenant: 'north' })

test('a box becomes what its password says, and its own key is in the certificate', async () => {
  const login = await make({ code: 'E1', name: 'By EST', mac_address: mac })
  const keys = await boxKey()
  const audit = nobody()
  const answer = await est.enroll(login, await csrOf(keys, mac), audit)
  expect(answer.subarray(0, 1)).toEqual(Buffer.from([0x30]))
  expect(await gatewayOf('E1')).toMatchObject({ mac, name: 'By EST', state: 'claimed', tenantId: 'north' })
  expect(audit).toMatchObject({
    recorded: true,
    subject: { actor: { kind: 'gateway', name: login.username } },
  })
})

test('a password ends with its time, when it is taken back, and with its use by another key', async () => {
  const late = await make({ hours: 1 })
  site.clock.at += HOUR
  const keys = await boxKey()
  const csr = await csrOf(keys, null)
  await expect(est.enroll(late, csr, nobody())).rejects.toMatchObject({ code: 'est_password_refused' })
  const removed = await make()
  await passwords.remove({ all: true }, removed.username, site.draft())
  await expect(est.enroll(removed, csr, nobody())).rejects.toMatchObject({ code: 'est_password_refused' })
  const used = await make({ code: 'E2' })
  const first = await est.enroll(used, csr, nobody())
  expect(await est.enroll(used, csr, nobody())).toEqual(first)
  const other = await csrOf(await boxKey(), null)
  await expect(est.enroll(used, other, nobody())).rejects.toMatchObject({ code: 'est_password_refused' })
  const taken = passwords.remove({ all: true }, used.username, site.draft())
  await expect(taken).rejects.toMatchObject({ code: 'not_found' })
})

test('a refused request does not use the password up', async () => {
  const login = await make({ mac_address: mac, code: 'E3' })
  const keys = await boxKey()
  const foreign = await csrOf(keys, '02:00:00:00:09:09')
  await expect(est.enroll(login, foreign, nobody())).rejects.toMatchObject({ code: 'csr_refused' })
  await expect(est.enroll(login, 'nonsense', nobody())).rejects.toMatchObject({ code: 'csr_refused' })
  await expect(est.enroll(login, await csrOf(keys, 'e3'), nobody())).resolves.toBeInstanceOf(Buffer)
})

test('a box that was reset is the same gateway again; one that was suspended meanwhile is not let in', async () => {
  const { gateway } = await site.enroll({ mac, code: 'E4' })
  const login = await make({ mac_address: mac })
  const csr = await csrOf(await boxKey(), mac)
  const local = { kind: 'local', name: 'x' } as const
  const reference = { gateway: gateway.id }
  await site.fleet.transition('suspend', { all: true }, reference, local, site.draft())
  await expect(est.enroll(login, csr, nobody())).rejects.toMatchObject({ code: 'gateway_state_conflict' })
  await site.fleet.transition('resume', { all: true }, reference, local, site.draft())
  await est.enroll(login, csr, nobody())
  expect(await gatewayOf('E4')).toMatchObject({ id: gateway.id, state: 'claimed' })
})

test('a password without a MAC takes no gateway over, and a tenant names none of another', async () => {
  await site.enroll({ mac, code: 'E5' })
  const login = await make({ code: 'E6' })
  const csr = await csrOf(await boxKey(), mac)
  await expect(est.enroll(login, csr, nobody())).rejects.toMatchObject({ code: 'mac_taken' })
  const foreign = passwords.create(wholeTenant('south'), { mac_address: mac, hours: 1 }, site.draft())
  await expect(foreign).rejects.toMatchObject({ code: 'mac_taken' })
  const group = {
    all: false,
    tenantId: 'north',
    within: { groupIds: new Set<string>(), ownerUserId: null },
  } as const
  await expect(passwords.create(group, { hours: 1 }, site.draft())).rejects.toMatchObject({
    code: 'forbidden_reach',
  })
  expect(await passwords.list(wholeTenant('south'), undefined)).toEqual([])
  expect(await passwords.list(group, undefined)).toEqual([])
  const removed = passwords.remove(wholeTenant('south'), login.username, site.draft())
  await expect(removed).rejects.toMatchObject({ code: 'not_found' })
})

test('who guesses is told to wait; the box with the right password is heard all the same', async () => {
  const login = await make({ code: 'E7' })
  const csr = await csrOf(await boxKey(), null)
  // Others of this file guessed before.
  const calm = new EstService({ ...site, csrKnocks: { ask: async () => null } })
  const guess = () => calm.enroll({ ...login, password: 'guess' }, csr, nobody())
  for (let n = 0; n < 20; n++) await expect(guess()).rejects.toMatchObject({ code: 'est_password_refused' })
  await expect(guess()).rejects.toMatchObject({ code: 'too_many_requests', data: { seconds: 600 } })
  await expect(calm.enroll(null, csr, nobody())).rejects.toMatchObject({ code: 'est_password_refused' })
  await expect(calm.enroll(login, csr, nobody())).resolves.toBeInstanceOf(Buffer)
})

test('of a password only a salted hash is kept', async () => {
  const { password } = await make({ code: 'E8' })
  expect(password).toMatch(/^[a-z2-7]{5}(-[a-z2-7]{5}){3}-[a-z2-7]{6}$/)
  const rows = await site.db.selectFrom('estPasswords').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(password)
  const stored = hashPassword(password)
  expect([
    isPassword(stored, password),
    isPassword(stored, newPassword()),
    isPassword(undefined, password),
  ]).toEqual([true, false, false])
})

test('who made a password sees what became of the box, while that gateway is theirs', async () => {
  const login = await make({ code: 'E8', mac_address: mac })
  await est.enroll(login, await csrOf(await boxKey(), mac), nobody())
  const { id } = await gatewayOf('E8')
  const listed = async (scope: TenantScope) =>
    (await passwords.list(scope, undefined)).find(({ username }) => username === login.username)?.gateway
  const north = wholeTenant('north')
  expect(await listed(north)).toEqual({ id, code: 'E8' })
  const change = (to: { tenantId?: string; groupId?: string | null; code?: string }) =>
    site.db.updateTable('gateways').set(to).where('id', '=', id).execute()
  for (const group of ['hall', 'yard'])
    await site.db
      .insertInto('groups')
      .values({ id: group, tenantId: 'north', parentId: null, name: group, createdAt: 1 })
      .execute()
  await site.db
    .updateTable('estPasswords')
    .set({ groupId: 'hall' })
    .where('username', '=', login.username)
    .execute()
  const inHall: TenantScope = {
    all: false,
    tenantId: 'north',
    within: { groupIds: new Set(['hall']), ownerUserId: null },
  }
  await change({ groupId: 'hall' })
  expect(await listed(inHall)).toEqual({ id, code: 'E8' })
  await change({ groupId: 'yard' })
  expect(await listed(inHall)).toBeNull()
  await change({ tenantId: 'south', groupId: null, code: 'SOUTH-SECRET' })
  expect(await listed(north)).toBeNull()
})
