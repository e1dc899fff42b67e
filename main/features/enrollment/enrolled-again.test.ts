import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { admin, type ClaimSite, claimSite, operatorOf } from './claims/claims.fixture.ts'
import { CredentialRenewal } from './credential-renewal.ts'
import type { NewKnock } from './knocks/knock-book.ts'

let at: ClaimSite
let number = 0
let mac: string

beforeAll(async () => {
  at = await claimSite()
})
beforeEach(() => {
  number += 1
  mac = `02:00:00:00:0a:${number.toString(16).padStart(2, '0')}`
})
afterAll(() => at.close())

const knock = (more: Partial<NewKnock> = {}) =>
  at.book.knock({
    way: 'bootstrap',
    mac,
    label: null,
    deviceId: null,
    chip: null,
    firmware: null,
    hardware: null,
    credential: 'certificate',
    address: `10.1.0.${number}`,
    withPollSecret: true,
    withToken: true,
    ...more,
  })
const gatewayRow = (id: string) =>
  at.site.db.selectFrom('gateways').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const knockRow = (id: string) =>
  at.site.db.selectFrom('knocks').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const setState = (id: string, state: 'suspended' | 'revoked') =>
  at.site.db.updateTable('gateways').set({ state }).where('id', '=', id).execute()
const unclaim = (gateway: string) =>
  at.unclaiming.unclaim({ all: true }, { gateway, tenant: 'north' }, at.site.draft('gateway.unclaim'))
const renew = (gateway: string) =>
  new CredentialRenewal(at.site).renew({ all: true }, { gateway }, at.site.draft('gateway.renew'))

describe('what fails after the box was claimed', () => {
  test('is told as it is, and the broker knows of the new credential all the same', async () => {
    const { gateway } = await at.site.enroll({ mac })
    const { id } = await knock()
    const told = at.site.published.length
    const { refreshCrlIfDue } = at.site.pki
    at.site.pki.refreshCrlIfDue = async () => {
      throw new Error('disk full')
    }
    try {
      await expect(at.claim(admin, { knock: id, tenant: 'north', replace: true })).rejects.toThrow(
        'disk full',
      )
    } finally {
      at.site.pki.refreshCrlIfDue = refreshCrlIfDue
    }
    expect(await knockRow(id)).toMatchObject({ state: 'claimed', gatewayId: gateway.id })
    expect(at.site.published.slice(told)).toMatchObject([{ op: 'put', identity: { gatewayId: gateway.id } }])
  })

  test('does not keep the list of revoked certificates from being signed', async () => {
    await at.site.enroll({ mac })
    const { id } = await knock()
    const { refreshCrlIfDue } = at.site.pki
    const { publishPolicy } = at.site.fleet
    let signed = 0
    at.site.pki.refreshCrlIfDue = async () => {
      signed += 1
      return []
    }
    at.site.fleet.publishPolicy = async () => {
      throw new Error('the broker starts again')
    }
    try {
      await expect(at.claim(admin, { knock: id, tenant: 'north', replace: true })).rejects.toThrow(
        'the broker starts again',
      )
    } finally {
      Object.assign(at.site.pki, { refreshCrlIfDue })
      Object.assign(at.site.fleet, { publishPolicy })
    }
    expect(signed).toBe(1)
    // Whoever comes second is told that it is gone.
    await expect(at.claim(admin, { knock: id, tenant: 'north', replace: true })).rejects.toMatchObject({
      code: 'claim_conflict',
    })
  })
})

describe('a gateway that somebody stopped', () => {
  test.each([false, true])('suspended: is not enrolled again by anybody (replace %s)', async (replace) => {
    const { gateway } = await at.site.enroll({ mac })
    await setState(gateway.id, 'suspended')
    const { token } = await knock()
    const refused = { code: 'gateway_state_conflict' }
    await expect(at.claim(operatorOf('north'), { token: token ?? '', replace })).rejects.toMatchObject(
      refused,
    )
    await expect(at.site.enroll({ mac, replace })).rejects.toMatchObject(refused)
    expect(await gatewayRow(gateway.id)).toMatchObject({ state: 'suspended' })
    // Its new credential is for later.
    await renew(gateway.id)
    expect(await gatewayRow(gateway.id)).toMatchObject({ state: 'suspended' })
  })

  test('suspended: another tenant learns no more than that the MAC is taken', async () => {
    const { gateway } = await at.site.enroll({ mac, code: 'NORTHS-OWN' })
    await setState(gateway.id, 'suspended')
    const error = await at.site
      .enroll({ mac, tenant: 'south', replace: true })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'mac_taken' })
    expect(String(error)).not.toContain('NORTHS-OWN')
  })

  test('revoked: a box that says it is that one needs a person who replaces it', async () => {
    const { gateway } = await at.site.enroll({ mac })
    await setState(gateway.id, 'revoked')
    const { id } = await knock()
    await expect(at.claim(admin, { knock: id, tenant: 'north' })).rejects.toMatchObject({ code: 'mac_taken' })
    expect(await gatewayRow(gateway.id)).toMatchObject({ state: 'revoked' })
    expect(await at.claim(admin, { knock: id, tenant: 'north', replace: true })).toMatchObject({
      id: gateway.id,
      state: 'claimed',
    })
  })
})

describe('what a box calls itself', () => {
  test.each([
    ['grow-7', 'GROW-7'],
    ['8f8835f1-70c3-4cbd-b4c0-9acb6826c641', '8F8835F1-70C3-4CBD-B4C0-9ACB6826C641'],
    ['pump_7.left', expect.stringMatching(/^GW-[0-9A-F]{12}$/)],
    ['=HYPERLINK(1)/+/#\u202e', expect.stringMatching(/^GW-[0-9A-F]{12}$/)],
    ['x'.repeat(64), expect.stringMatching(/^GW-[0-9A-F]{12}$/)],
  ])('%s: becomes a label and a code that are allowed, the same each time', async (deviceId, label) => {
    const { id } = await knock({ mac: null, deviceId })
    const gateway = await at.claim(admin, { knock: id, tenant: 'north' })
    expect(gateway).toMatchObject({ label, code: label })
    const again = await knock({ mac: null, deviceId: deviceId.toUpperCase() })
    await expect(at.claim(admin, { knock: again.id, tenant: 'south' })).rejects.toMatchObject({
      code: 'label_taken',
    })
    const { knocks } = await at.claims.list(operatorOf('south'), { limit: 1 })
    expect(knocks).toEqual([])
    expect(await at.claim(admin, { knock: again.id, tenant: 'north', replace: true })).toMatchObject({
      id: gateway.id,
      label,
    })
  })

  test('in other letters than its label is the same box', async () => {
    const { gateway } = await at.site.enroll({ label: 'ESM-ABC', code: 'L1' })
    const { id } = await knock({ mac: null, label: 'esm-abc' })
    const { knocks } = await at.claims.list(admin, { limit: 1 })
    expect(knocks).toMatchObject([{ id, gateway: { id: gateway.id } }])
    await expect(at.claim(admin, { knock: id, tenant: 'south' })).rejects.toMatchObject({
      code: 'label_taken',
    })
    const { label: _, ...row } = await gatewayRow(gateway.id)
    const twin = { ...row, id: 'twin', code: 'L2', label: 'esm-abc' }
    await expect(at.site.db.insertInto('gateways').values(twin).execute()).rejects.toThrow('UNIQUE')
  })
})

describe('a binding that is awaited', () => {
  const tell = async (gatewayId: string) => {
    const { tenantId, assignmentId } = await gatewayRow(gatewayId)
    const now = at.site.clock.now()
    await at.site.db
      .insertInto('commands')
      .values({
        id: `bind ${gatewayId}`,
        gatewayId,
        tenantId,
        assignmentId: assignmentId ?? '',
        name: 'bind',
        args: '{}',
        purpose: 'bind',
        state: 'sent',
        createdAt: now,
        createdById: null,
        createdByName: 'local',
        expiresAt: now + 1,
        sentAt: now,
        endedAt: null,
        result: null,
        error: null,
      })
      .execute()
  }
  const commandOf = (gatewayId: string) =>
    at.site.db.selectFrom('commands').selectAll().where('gatewayId', '=', gatewayId).executeTakeFirstOrThrow()

  test('is awaited with a new credential as well, and the box is told anew', async () => {
    const { gateway } = await at.site.enroll({ mac, awaitsBind: true })
    await tell(gateway.id)
    await renew(gateway.id)
    expect(await gatewayRow(gateway.id)).toMatchObject({ bindState: 'pending', state: 'claimed' })
    expect(await commandOf(gateway.id)).toMatchObject({ state: 'queued', sentAt: null, endedAt: null })
    expect(at.site.queued).toContain(gateway.id)
  })

  test('is over where a person claims the box; what was sent is cancelled', async () => {
    const { gateway } = await at.site.enroll({ mac, awaitsBind: true })
    await tell(gateway.id)
    const { id } = await knock()
    await at.claim(admin, { knock: id, tenant: 'north', replace: true })
    expect(await gatewayRow(gateway.id)).toMatchObject({ bindState: null })
    expect(await commandOf(gateway.id)).toMatchObject({ state: 'cancelled', endedAt: at.site.clock.now() })
  })

  test('is done for the credentials to come', async () => {
    const { gateway } = await at.site.enroll({ mac, awaitsBind: true })
    await at.site.db
      .updateTable('gateways')
      .set({ bindState: 'bound' })
      .where('id', '=', gateway.id)
      .execute()
    await renew(gateway.id)
    expect(await gatewayRow(gateway.id)).toMatchObject({ bindState: 'bound' })
  })
})

describe('boxes under one name', () => {
  test('are flagged no more when the other was sent away', async () => {
    const real = await knock()
    const forged = await knock({ address: '10.6.6.6' })
    expect((await knockRow(real.id)).flagged).toBe(1)
    await at.claims.dismiss({ actor: admin, scope: { all: true } }, forged.id, at.site.draft('claim.dismiss'))
    expect((await knockRow(real.id)).flagged).toBe(0)
  })

  test('are flagged no more when the other was not heard for a day; two that stay are', async () => {
    const gone = await knock()
    at.site.clock.at += 23 * 3_600_000
    const real = await knock({ address: '10.6.6.6' })
    const twins = [
      await knock({ mac: null, label: 'TWIN' }),
      await knock({ mac: null, label: 'twin', address: '10.6.6.7' }),
    ]
    at.site.clock.at += 2 * 3_600_000
    await at.book.sweep()
    await expect(knockRow(gone.id)).rejects.toThrow()
    expect((await knockRow(real.id)).flagged).toBe(0)
    for (const { id } of twins) expect((await knockRow(id)).flagged).toBe(1)
  })

  test('that ask twice at once are one box, which its label claims', async () => {
    await at.windows.openFor(admin, { tenant: 'north', minutes: 30 }, at.site.draft())
    const label = `ESM-TWICE${number}`
    const asks = [label, label.toLowerCase()].map((one) =>
      at.references.ask({ way: 'slots', label: one }, '10.2.0.1'),
    )
    expect(await Promise.all(asks)).toEqual([
      { state: 'waiting', token: null },
      { state: 'waiting', token: null },
    ])
    expect(await at.claim(operatorOf('north'), { label })).toMatchObject({ label })
  })
})

test('the activation token on a display is good until its day is over, however often the box asks', async () => {
  await at.windows.openFor(admin, { tenant: 'north', minutes: 30 }, at.site.draft())
  const ask = async () => {
    const asked = await at.references.ask({ way: 'tds', mac }, '10.2.0.2')
    if (asked.state !== 'waiting') throw new Error(asked.state)
    return asked.token ?? ''
  }
  const first = await ask()
  expect(await ask()).toBe(first)
  await at.restart()
  expect(await ask()).toBe(first)
  at.site.clock.at += 23 * 3_600_000
  await at.windows.openFor(admin, { tenant: 'north', minutes: 120 }, at.site.draft())
  expect(await ask()).toBe(first)
  at.site.clock.at += 3_600_000
  const next = await ask()
  expect(next).not.toBe(first)
  await expect(at.claim(operatorOf('north'), { token: first })).rejects.toMatchObject({
    code: 'activation_token_invalid',
  })
  expect(await at.claim(operatorOf('north'), { token: next })).toMatchObject({ mac, state: 'claimed' })
})

test('the code of a gateway that nobody has is free, and the box finds another when it comes back', async () => {
  const { gateway } = await at.site.enroll({ mac, code: 'G7' })
  await unclaim('G7')
  const { gateway: next } = await at.site.enroll({ mac: '02:00:00:00:0b:01', code: 'G7' })
  expect(next.code).toBe('G7')
  // By its code is meant the one that somebody has.
  expect(await at.site.fleet.find({ all: true }, { gateway: 'G7' })).toMatchObject({ id: next.id })
  await expect(at.site.enroll({ mac, code: 'G7' })).rejects.toMatchObject({ code: 'code_taken' })
  const { gateway: back } = await at.site.enroll({ mac })
  expect(back).toMatchObject({ id: gateway.id, code: gateway.label, state: 'claimed' })
})
