import { expect, test } from 'vitest'
import { PENDING_FOR, PendingSignOns } from './pending-sign-ons.ts'

const pending = { providerId: 'p', nonce: 'n', codeVerifier: 'v', redirectUri: 'r', to: '/' }
const of = (address: string, binding = 'b') => ({ binding, address })

test('it counts once, in its browser, for ten minutes', () => {
  let now = 0
  const store = new PendingSignOns({ now: () => now })
  store.put('s', pending, of('a'))
  expect(store.take('s', 'another')).toBeNull()
  // A wrong try ends it.
  expect(store.take('s', 'b')).toBeNull()
  store.put('s', pending, of('a'))
  expect(store.take('s', 'b')).toMatchObject(pending)
  expect(store.take('s', 'b')).toBeNull()
  store.put('s', pending, of('a'))
  now = PENDING_FOR
  expect(store.take('s', 'b')).toBeNull()
})

test('a flood from one address pushes out its own, and nobody else', () => {
  const store = new PendingSignOns({ now: () => 0 })
  store.put('mine', pending, of('me'))
  for (let i = 0; i < 1_000; i++) store.put(`flood ${i}`, pending, of('flood'))
  expect(store.take('flood 0', 'b')).toBeNull()
  expect(store.take('flood 999', 'b')).not.toBeNull()
  expect(store.take('mine', 'b')).not.toBeNull()
})
