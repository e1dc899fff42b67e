import { expect, test } from 'vitest'
import { hashMqttPassword, isMqttPassword } from './mqtt-password.ts'
import { PasswordGuard } from './password-guard.ts'

test('an address that guesses is not heard for the rest of the minute; others are, and who was right there before', () => {
  let now = 0
  const guard = new PasswordGuard(3, () => now)
  guard.right('10.0.0.7', 'scada')
  for (let n = 0; n < 3; n++) {
    expect(guard.hears('10.0.0.7', 'guess')).toBe(true)
    guard.wrong('10.0.0.7')
  }
  expect(guard.hears('10.0.0.7', 'guess')).toBe(false)
  expect(guard.hears('10.0.0.7', 'scada')).toBe(true)
  expect(guard.hears('10.0.0.8', 'guess')).toBe(true)
  now = 60_000
  expect(guard.hears('10.0.0.7', 'guess')).toBe(true)
})

test('a /64 of IPv6 counts as one address', () => {
  const guard = new PasswordGuard(2, () => 0)
  guard.wrong('2001:db8:1:2::5')
  guard.wrong('2001:db8:1:2:ffff:0:0:9')
  expect(guard.hears('2001:db8:1:2::77', 'x')).toBe(false)
  expect(guard.hears('2001:db8:1:3::77', 'x')).toBe(true)
  guard.wrong('::1')
  guard.wrong('::1')
  expect(guard.hears('::1', 'x')).toBe(false)
})

test('100,000 made-up addresses take bounded memory', () => {
  const guard = new PasswordGuard(1, () => 0)
  for (let n = 0; n < 100_000; n++) {
    guard.wrong(`address ${n}`)
    guard.right(`address ${n}`, 'x')
  }
  for (const name of ['sources', 'known'])
    expect((Reflect.get(guard, name) as { size: number }).size).toBeLessThanOrEqual(10_000)
  expect(guard.hears('address 99999', 'y')).toBe(false)
})

test('a password matches its own salt and hash only', () => {
  const salt = '00112233445566778899aabbccddeeff'
  const hash = hashMqttPassword('secret', salt)
  expect(isMqttPassword('secret', { salt, hash })).toBe(true)
  expect(isMqttPassword(Buffer.from('secret'), { salt, hash })).toBe(true)
  expect(isMqttPassword('secret', { salt: `${salt}00`, hash })).toBe(false)
  expect(isMqttPassword('Secret', { salt, hash })).toBe(false)
  expect(isMqttPassword('', { salt, hash: '' })).toBe(false)
  expect(isMqttPassword('secret', null)).toBe(false)
})
