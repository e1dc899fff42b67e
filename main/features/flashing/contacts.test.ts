import { expect, test } from 'vitest'
import { committedCredential } from './committed-credential.ts'
import { Contacts, type ExpectedCredential } from './contacts.ts'

/** How often a session that is expected was told of. */
function expecting(credential: ExpectedCredential) {
  const contacts = new Contacts()
  let sessions = 0
  contacts.expect(credential, { onSession: () => sessions++, onReading: () => {} })
  return {
    sessionsAfter: (fingerprint: string, secretId: string | null) => {
      contacts.proved([{ fingerprint, secretId }])
      return sessions
    },
  }
}

test('a session counts by the very credential that is expected, never by what both do not have', () => {
  const bySecret = expecting({ gatewayId: 'g', fingerprint: null, secretId: 's1' })
  expect(bySecret.sessionsAfter('', 's2')).toBe(0)
  expect(bySecret.sessionsAfter('ff00', null)).toBe(0)
  expect(bySecret.sessionsAfter('', 's1')).toBe(1)
  const byNothing = expecting({ gatewayId: 'g', fingerprint: null, secretId: null })
  expect(byNothing.sessionsAfter('ff00', null)).toBe(0)
  const byCertificate = expecting({ gatewayId: 'g', fingerprint: 'ff00', secretId: null })
  expect(byCertificate.sessionsAfter('ff01', null)).toBe(0)
  expect(byCertificate.sessionsAfter('ff00', null)).toBe(1)
})

test('a job goes on with the credential of its gateway, and ends where that has none', async () => {
  const row = { gatewayId: 'g', fingerprint: null, code: 'GW1' }
  const secret = { gatewayId: 'g', fingerprint: null, secretId: 's1' }
  expect(await committedCredential(row, () => Promise.resolve('s1'))).toEqual(secret)
  const none = () => Promise.resolve(null)
  await expect(committedCredential(row, none)).rejects.toMatchObject({ code: 'gateway_state_conflict' })
  const withKey = { ...row, fingerprint: 'ff00' }
  expect(await committedCredential(withKey, none)).toMatchObject({ fingerprint: 'ff00', secretId: null })
})
