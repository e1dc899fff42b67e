import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type EnrollmentSite,
  enrollmentSite,
  plainOrder,
} from '#features/enrollment/enrollment-site.fixture.ts'
import { keptChoices } from './kept-choices.ts'

let site: EnrollmentSite
beforeAll(async () => {
  site = await enrollmentSite()
  await site.db
    .insertInto('gatewayProfiles')
    .values({
      id: 'p',
      tenantId: 'north',
      name: 'presses',
      dialect: 'canonical',
      credential: 'secret',
      keyAlgorithm: 'ec',
      maxDevices: 3,
      messagesPerSecond: null,
      burst: null,
      version: 1,
      createdAt: 0,
      updatedAt: 0,
    })
    .execute()
})
afterAll(() => site.close())

test.each([
  [1, 'its profile and what it says', { profile: 'presses' }],
  [2, 'what it has instead of its profile', { profile: 'presses', dialect: 'reference', credential: 'both' }],
  [3, 'a secret without a profile', { credential: 'secret' }],
  [4, 'a key of its own kind', { keyAlgorithm: 'rsa' }],
] as const)('a gateway that is flashed again keeps, %s: %s', async (number, _, chosen) => {
  const order = { ...plainOrder, mac: `02:00:00:00:0e:0${number}`, replace: true }
  const { gateway: before } = await site.enroll({ ...order, ...chosen })
  const again = { ...order, ...(await keptChoices(site.db, before)) }
  const prepared = await site.enrollment.prepare(again, { all: true }, true)
  const { gateway } = await site.enroll({ ...again, prepared })
  const { profileId, dialect, ownDialect, credential, maxDevices } = before
  expect(gateway).toMatchObject({ profileId, dialect, ownDialect, credential, maxDevices })
  expect(prepared.choice.keyAlgorithm).toBe('keyAlgorithm' in chosen ? 'rsa' : 'ec')
})
