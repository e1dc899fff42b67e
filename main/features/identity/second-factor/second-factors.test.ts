import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { Sealer } from '#platform/secrets/sealing.ts'
import { SiteKey } from '#platform/secrets/site-key.ts'
import { SecondFactors } from './second-factors.ts'

const user = { id: 'kim', email: 'kim@plant.example' }
let dir: string
let db: SiteDb
let now: number
let factors: SecondFactors

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mw-factor-'))
  db = await openSiteDb(join(dir, 'site.sqlite'))
  now = Date.UTC(2026, 6, 1)
  const sealer = new Sealer(new SiteKey(randomBytes(32)))
  factors = new SecondFactors({
    db,
    clock: { now: () => now },
    sealer: () => sealer,
    siteName: () => 'Aurora Dairy',
  })
  const person = { name: 'Kim', passwordHash: null, siteAdmin: 0 as const, state: 'active' as const }
  await db
    .insertInto('users')
    .values([
      { ...user, ...person, createdAt: now },
      { id: 'lee', email: 'lee@plant.example', ...person, createdAt: now },
    ])
    .execute()
})

afterEach(async () => {
  await db.destroy()
  await rm(dir, { recursive: true, force: true })
})

const begin = () => db.transaction().execute((trx) => factors.beginIn(trx, user))
const confirm = (code: string) => db.transaction().execute((trx) => factors.confirmIn(trx, user.id, code))
const codeOf = (secret: string, at = now) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })
const refused = (code: string) => expect.objectContaining({ code })

/** A person with a factor, a minute after it was set up. */
async function withFactor(): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = await begin()
  const recoveryCodes = await confirm(codeOf(secret))
  now += 60_000
  return { secret, recoveryCodes }
}

test('it counts only after a first code was right', async () => {
  const { secret } = await begin()
  await factors.require(user.id, undefined)
  expect((await factors.state(user.id)).since).toBeNull()
  await expect(confirm('000000')).rejects.toEqual(refused('second_factor_wrong'))
  await confirm(codeOf(secret))
  await expect(factors.require(user.id, undefined)).rejects.toEqual(refused('second_factor_required'))
  await expect(confirm(codeOf(secret))).rejects.toEqual(refused('second_factor_present'))
  await expect(begin()).rejects.toEqual(refused('second_factor_present'))
})

test('the code that confirmed it, and each later one, counts once', async () => {
  const { secret } = await begin()
  await confirm(codeOf(secret))
  await expect(factors.require(user.id, codeOf(secret))).rejects.toEqual(refused('second_factor_wrong'))
  now += 30_000
  await factors.require(user.id, codeOf(secret))
  await expect(factors.require(user.id, codeOf(secret))).rejects.toEqual(refused('second_factor_wrong'))
})

test('of two who show the same code at once, one comes in', async () => {
  const { secret } = await withFactor()
  const both = await Promise.allSettled([1, 2].map(() => factors.require(user.id, codeOf(secret))))
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('a code may be typed with a space; the next of a drifting clock is taken', async () => {
  const { secret } = await withFactor()
  const early = codeOf(secret, now + 30_000)
  const typed = ` ${early.slice(0, 3)} ${early.slice(3)}`
  await expect(factors.require(user.id, typed)).resolves.toBeUndefined()
})

test('each recovery code counts once, however it is typed, and for its person only', async () => {
  const { recoveryCodes } = await withFactor()
  expect(new Set(recoveryCodes).size).toBe(10)
  const [first = '', second = ''] = recoveryCodes
  expect(first).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
  await factors.require(user.id, first.toUpperCase().replaceAll('-', ' '))
  await expect(factors.require(user.id, first)).rejects.toEqual(refused('second_factor_wrong'))
  expect((await factors.state(user.id)).recoveryCodesLeft).toBe(9)
  await db.updateTable('recoveryCodes').set({ userId: 'lee' }).where('usedAt', 'is', null).execute()
  await expect(factors.require(user.id, second)).rejects.toEqual(refused('second_factor_wrong'))
})

test('new recovery codes end the old', async () => {
  const { recoveryCodes } = await withFactor()
  const renewed = await db.transaction().execute((trx) => factors.renewRecoveryCodesIn(trx, user.id))
  await expect(factors.require(user.id, recoveryCodes[0])).rejects.toEqual(refused('second_factor_wrong'))
  await factors.require(user.id, renewed[0])
})

test('the store holds neither the seed nor a recovery code as they are', async () => {
  const { secret, recoveryCodes } = await withFactor()
  const stored = JSON.stringify([
    await db.selectFrom('sealedSecrets').selectAll().execute(),
    await db.selectFrom('secondFactors').selectAll().execute(),
    await db.selectFrom('recoveryCodes').selectAll().execute(),
  ])
  const seed = Buffer.from(Secret.fromBase32(secret).buffer)
  expect(stored).not.toContain(secret)
  expect(stored).not.toContain(JSON.stringify([...seed]).slice(1, -1))
  for (const code of recoveryCodes) expect(stored).not.toContain(code.replaceAll('-', ''))
})

test('erasing leaves no seed and no codes', async () => {
  await withFactor()
  expect(await db.transaction().execute((trx) => factors.eraseIn(trx, user.id))).toBe(true)
  await factors.require(user.id, undefined)
  for (const table of ['sealedSecrets', 'secondFactors', 'recoveryCodes'] as const)
    expect(await db.selectFrom(table).selectAll().execute()).toEqual([])
  expect(await db.transaction().execute((trx) => factors.eraseIn(trx, user.id))).toBe(false)
})
