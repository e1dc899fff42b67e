import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NewKnock } from '../knocks/knock-book.ts'
import { admin, auditedActions, type ClaimSite, claimSite, from, operatorOf } from './claims.fixture.ts'

let at: ClaimSite
let number = 0
let mac: string
const HOUR = 60 * 60_000
const DAY = 24 * HOUR
const north = operatorOf('north')
const south = operatorOf('south')

beforeAll(async () => {
  at = await claimSite()
})
beforeEach(async () => {
  at.site.clock.at += 3 * DAY
  await at.site.db.deleteFrom('claimWindows').execute()
  await at.site.db.deleteFrom('knocks').execute()
  await at.restart()
  number += 1
  mac = `02:00:00:00:01:${number.toString(16).padStart(2, '0')}`
})
afterAll(() => at.close())

function knock(more: Partial<NewKnock> = {}) {
  return at.book.knock({
    way: 'bootstrap',
    mac,
    label: null,
    deviceId: null,
    chip: 'ESP32',
    firmware: '1.0',
    hardware: null,
    credential: 'secret',
    address: '10.0.0.1',
    withPollSecret: true,
    withToken: true,
    ...more,
  })
}

const openWindow = (tenant: string) =>
  at.windows.openFor(admin, { tenant, minutes: 30 }, at.site.draft('claim_window.open'))
const fetched = (secret: string | null) => at.bootstrap.credential(secret ?? '', from())
const gone = { code: 'knock_gone' }

describe('who may claim', () => {
  test('people of the site, at any time, for any tenant', async () => {
    const { id } = await knock()
    expect(await at.claim(admin, { knock: id, tenant: 'south' })).toMatchObject({ tenantId: 'south', mac })
  })

  test('people of a tenant in its window, and they see who waits in it alone', async () => {
    const { id } = await knock()
    const closed = { code: 'claim_window_closed', data: { tenant: 'north' } }
    const list = async () => (await at.claims.list(north, { limit: 10 })).knocks.length
    await expect(at.claim(north, { knock: id })).rejects.toMatchObject(closed)
    await expect(at.claim(north, { label: mac })).rejects.toMatchObject(closed)
    expect(await list()).toBe(0)
    await openWindow('south')
    await expect(at.claim(north, { knock: id })).rejects.toMatchObject(closed)
    await openWindow('north')
    expect(await list()).toBe(1)
    at.site.clock.at += 30 * 60_000
    await expect(at.claim(north, { knock: id })).rejects.toMatchObject(closed)
    await openWindow('north')
    expect(await at.claim(north, { knock: id })).toMatchObject({ tenantId: 'north' })
    await at.windows.closeFor(admin, 'north', at.site.draft())
    // What they claimed they see on.
    expect(await list()).toBe(1)
    expect((await at.claims.list(south, { limit: 10 })).knocks).toEqual([])
  })

  test('who holds the token of the box, without a window', async () => {
    const { token } = await knock()
    expect(await at.claim(north, { token: token ?? '' })).toMatchObject({ tenantId: 'north' })
  })

  test('whose rights end at a group, into a group of theirs alone', async () => {
    await at.site.db
      .insertInto('groups')
      .values({
        id: `hall ${number}`,
        tenantId: 'north',
        parentId: null,
        name: `Hall ${number}`,
        createdAt: 1,
      })
      .execute()
    await at.site.tenants.loadGroups()
    const keeper = operatorOf('north', { groupIds: new Set([`hall ${number}`]), ownerUserId: null })
    const { token } = await knock()
    await expect(at.claim(keeper, { token: token ?? '' })).rejects.toMatchObject({ code: 'forbidden_reach' })
    expect(await at.claim(keeper, { token: token ?? '', group: `Hall ${number}` })).toMatchObject({
      groupId: `hall ${number}`,
    })
  })

  test('on a site with several tenants only its people open a window', async () => {
    const draft = at.site.draft('claim_window.open')
    await expect(at.windows.openFor(north, { minutes: 5 }, draft)).rejects.toMatchObject({
      code: 'forbidden_reach',
    })
    expect([await at.windows.mayOpen(north), await at.windows.mayOpen(admin)]).toEqual([false, true])
  })

  test('a window that is open is moved, not doubled', async () => {
    const first = await openWindow('north')
    at.site.clock.at += 60_000
    const { id, openedAt, endsAt } = await openWindow('north')
    expect([id, openedAt, endsAt]).toEqual([first.id, first.openedAt, first.endsAt + 60_000])
  })
})

describe('which box is meant', () => {
  test.each([
    ['its MAC in another spelling', () => mac.replaceAll(':', '-').toUpperCase()],
    ['the label made of its MAC', () => `ESP-${mac.replaceAll(':', '').slice(6).toUpperCase()}`],
    ['the label of all of it', () => `esp-${mac.replaceAll(':', '')}`],
  ])('%s', async (_how, name) => {
    await knock()
    expect(await at.claim(admin, { label: name(), tenant: 'north' })).toMatchObject({ mac })
  })

  test('of two under one name a person chooses', async () => {
    const real = await knock()
    const other = await knock({ address: '10.0.0.66' })
    const claim = at.claim(admin, { label: mac, tenant: 'north' })
    await expect(claim).rejects.toMatchObject({ code: 'claim_ambiguous', data: { count: 2 } })
    const { knocks } = await at.claims.list(admin, { limit: 10 })
    expect(knocks.map(({ flagged }) => flagged)).toEqual([true, true])
    await at.claim(admin, { token: real.token ?? '', tenant: 'north' })
    expect((await fetched(real.pollSecret)).handover.kind).toBe('secret')
    // The other one, whoever it is, gets nothing.
    await expect(fetched(other.pollSecret)).rejects.toMatchObject(gone)
  })

  test.each(['mwa_forged', ''])('a token that nobody was given: "%s"', async (token) => {
    await knock()
    await expect(at.claim(north, { token })).rejects.toMatchObject({ code: 'activation_token_invalid' })
  })

  test('a token ends after a day, with its claim, and when another one was given', async () => {
    const { token, pollSecret, id } = await knock()
    at.site.clock.at += DAY - 1
    at.book.heard(id)
    at.site.clock.at += 1
    const invalid = { code: 'activation_token_invalid' }
    await expect(at.claim(north, { token: token ?? '' })).rejects.toMatchObject(invalid)
    // The box still waits: it has another one to show.
    const { token: renewed } = await at.bootstrap.poll(pollSecret ?? '')
    await at.claim(north, { token: renewed?.token ?? '' })
    await expect(at.claim(south, { token: renewed?.token ?? '' })).rejects.toMatchObject(invalid)
  })
})

describe('what becomes of it', () => {
  test('the same box claimed twice at once: one wins, the other is told', async () => {
    const { id } = await knock()
    const both = await Promise.allSettled([
      at.claim(admin, { knock: id, tenant: 'north' }),
      at.claim(admin, { knock: id, tenant: 'south' }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const lost = both.find((one) => one.status === 'rejected')
    expect(lost?.reason).toMatchObject({ code: 'claim_conflict', data: { state: 'claimed' } })
    expect(
      await at.site.db.selectFrom('gateways').select('id').where('mac', '=', mac).execute(),
    ).toHaveLength(1)
  })

  test('a box that was reset comes back to its gateway, and what it had ends', async () => {
    const first = await knock()
    const gateway = await at.claim(north, { token: first.token ?? '', code: `RESET-${number}` })
    const second = await knock()
    const again = { token: second.token ?? '' }
    await expect(at.claim(north, again)).rejects.toMatchObject({ code: 'mac_taken' })
    await expect(at.claim(south, { ...again, replace: true })).rejects.toMatchObject({ code: 'mac_taken' })
    expect(await at.claim(north, { ...again, replace: true })).toMatchObject({
      id: gateway.id,
      code: `RESET-${number}`,
    })
    expect((await fetched(second.pollSecret)).gateway.id).toBe(gateway.id)
    // Who knocked before does not get what was made after.
    await expect(fetched(first.pollSecret)).rejects.toMatchObject(gone)
  })

  test('what the box says of itself is written down, its profile and the claim have the last word', async () => {
    const { id } = await knock({ credential: 'certificate', hardware: 'rev C' })
    const made = await at.claim(admin, { knock: id, tenant: 'north', credential: 'secret', dialect: 'tds' })
    expect(made).toMatchObject({
      platform: 'ESP32',
      firmwareVersion: '1.0',
      hardwareRevision: 'rev C',
      credential: 'secret',
      dialect: 'tds',
    })
  })

  test('one that was taken off the list is gone for it and for others', async () => {
    const { id, pollSecret, token } = await knock()
    await at.claims.dismiss({ actor: admin, scope: { all: true } }, id, at.site.draft('claim.dismiss'))
    await expect(at.bootstrap.poll(pollSecret ?? '')).rejects.toMatchObject(gone)
    await expect(at.claim(north, { token: token ?? '' })).rejects.toMatchObject({
      code: 'activation_token_invalid',
    })
    await expect(at.claim(admin, { knock: id, tenant: 'north' })).rejects.toMatchObject({
      code: 'claim_conflict',
    })
    await expect(knock()).rejects.toMatchObject({ code: 'knock_dismissed' })
  })

  test('nothing of a claim stays that fails in the middle', async () => {
    const { id } = await knock()
    const claim = at.book.claim.bind(at.book)
    at.book.claim = async (...given) => {
      await claim(...given)
      throw new Error('the power went')
    }
    await expect(at.claim(admin, { knock: id, tenant: 'north' })).rejects.toThrow('the power went')
    await at.restart()
    expect(await at.site.db.selectFrom('gateways').select('id').where('mac', '=', mac).execute()).toEqual([])
    expect(await at.claim(admin, { knock: id, tenant: 'north' })).toMatchObject({ mac })
  })
})

describe('the hand-over', () => {
  const isSealed = async (gatewayId: string) =>
    (await at.site.db
      .selectFrom('handovers')
      .innerJoin('sealedSecrets', 'sealedSecrets.id', 'handovers.sealedSecretId')
      .select('credentialId')
      .where('gatewayId', '=', gatewayId)
      .executeTakeFirst()) !== undefined
  const onDisk = async (text: string) => {
    for (const name of await readdir(at.site.dir))
      if ((await readFile(join(at.site.dir, name))).includes(text)) return true
    return false
  }

  test('a power cut between claim and fetch costs nothing', async () => {
    const { id, pollSecret } = await knock()
    await at.claim(admin, { knock: id, tenant: 'north' })
    await at.restart()
    expect((await at.bootstrap.poll(pollSecret ?? '')).row.state).toBe('claimed')
    const { answer } = await fetched(pollSecret)
    expect(answer.mqtt_password).toMatch(/^[0-9a-f]{64}$/)
    await at.restart()
    expect((await fetched(pollSecret)).answer.mqtt_password).toBe(answer.mqtt_password)
  })

  test.each<[string, (of: { gatewayId: string; pollSecret: string }) => Promise<void>]>([
    ['the box has it', ({ pollSecret }) => at.bootstrap.received(pollSecret, from())],
    [
      'it connected with it',
      async ({ gatewayId }) => {
        const { id } = await at.site.db
          .selectFrom('gatewaySecrets')
          .select('id')
          .where('gatewayId', '=', gatewayId)
          .executeTakeFirstOrThrow()
        await at.site.credentials.proved([{ fingerprint: '', secretId: id }])
      },
    ],
    [
      'a day has passed',
      async () => {
        at.site.clock.at += DAY
        await at.site.credentials.expire()
      },
    ],
    [
      'it left its tenant',
      async ({ gatewayId }) => {
        await at.unclaiming.unclaim({ all: true }, { gateway: gatewayId }, at.site.draft('gateway.unclaim'))
      },
    ],
  ])('ends when %s: 410, and what waited is erased', async (_when, end) => {
    const { id, pollSecret } = await knock()
    const gateway = await at.claim(admin, { knock: id, tenant: 'north' })
    const secret = (await fetched(pollSecret)).answer.mqtt_password ?? ''
    expect(await isSealed(gateway.id)).toBe(true)
    await end({ gatewayId: gateway.id, pollSecret: pollSecret ?? '' })
    await expect(fetched(pollSecret)).rejects.toMatchObject(gone)
    await expect(at.bootstrap.poll(pollSecret ?? '')).rejects.toMatchObject(gone)
    expect(await isSealed(gateway.id)).toBe(false)
    expect(await onDisk(secret)).toBe(false)
  })

  test('each fetch is in the audit, with the box and never with the secret', async () => {
    const { id, pollSecret } = await knock()
    await at.claim(admin, { knock: id, tenant: 'north' })
    const before = (await auditedActions(at.site)).length
    const { answer } = await fetched(pollSecret)
    await fetched(pollSecret)
    await at.bootstrap.received(pollSecret ?? '', from())
    expect((await auditedActions(at.site)).slice(before)).toEqual([
      'credential.fetch done',
      'credential.fetch done',
      'credential.received done',
    ])
    const entries = await at.site.db.selectFrom('auditEntries').selectAll().execute()
    expect(JSON.stringify(entries)).not.toContain(answer.mqtt_password)
    expect(JSON.stringify(entries)).not.toContain(pollSecret)
  })
})

describe('boxes without a poll secret', () => {
  const ask = (address = '10.0.0.7') => at.references.ask({ way: 'slots', label: `ESM-${number}` }, address)

  test('are heard in a window alone, and claimed where they can be served', async () => {
    expect(await ask()).toEqual({ state: 'unheard' })
    await openWindow('north')
    expect(await ask()).toEqual({ state: 'waiting', token: null })
    const { knocks } = await at.claims.list(admin, { limit: 10 })
    expect(knocks).toMatchObject([{ unproven: true, way: 'slots', credential: 'secret' }])
    const claim = { label: `ESM-${number}`, tenant: 'south' }
    await expect(at.claim(admin, claim)).rejects.toMatchObject({ code: 'claim_window_closed' })
    expect(await at.claim(north, { label: `ESM-${number}` })).toMatchObject({
      credential: 'secret',
      dialect: 'slots',
    })
  })

  test('are served at the address that knocked, for five minutes, once for each token, while the window is open', async () => {
    await openWindow('north')
    await ask()
    await at.claim(north, { label: `ESM-${number}` })
    const told = await ask()
    if (told.state !== 'claimed') throw new Error(told.state)
    const invalid = { code: 'activation_token_invalid' }
    const token = await at.references.fetchToken(told.row)
    await expect(at.references.fetchByToken(token, from('10.0.0.8'))).rejects.toMatchObject(invalid)
    await expect(at.references.fetchByToken('0'.repeat(64), from('10.0.0.7'))).rejects.toMatchObject(invalid)
    expect((await at.references.fetchByToken(token, from('10.0.0.7'))).handover.kind).toBe('secret')
    await expect(at.references.fetchByToken(token, from('10.0.0.7'))).rejects.toMatchObject(invalid)
    const next = await at.references.fetchToken(told.row)
    await at.windows.closeFor(admin, 'north', at.site.draft())
    await expect(at.references.fetchByToken(next, from('10.0.0.7'))).rejects.toMatchObject(invalid)
    await openWindow('north')
    at.site.clock.at += 5 * 60_000
    await expect(at.references.fetchByToken(next, from('10.0.0.7'))).rejects.toMatchObject(invalid)
    // Too late: it is a box that knocks, and a person decides anew.
    expect(await ask()).toEqual({ state: 'waiting', token: null })
  })

  test('the same from elsewhere is another candidate, also beside one that was claimed', async () => {
    await openWindow('north')
    await ask()
    await ask('10.0.0.8')
    await ask('10.0.0.8')
    const { knocks } = await at.claims.list(admin, { limit: 10 })
    expect(knocks.map(({ address, flagged }) => [address, flagged])).toEqual([
      ['10.0.0.8', true],
      ['10.0.0.7', true],
    ])
  })
})
