import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { type Attempt, SignInGuard, signInLimits } from './sign-in-guard.ts'

const MINUTE = 60_000

/** A guard, its clock, and how often a secret was really looked at. */
function start() {
  const clock = { at: 1_771_322_400_000, now: () => clock.at }
  const guard = new SignInGuard(clock)
  const state = { checks: 0 }
  const attempt = (account: string, address: string, isRight = false, usual = false) => {
    const who: Attempt = { account, address, isUsualPlace: async () => usual }
    return guard
      .run(who, async () => {
        state.checks++
        if (!isRight) throw new ExpectedError('wrong_credentials')
        return 'in'
      })
      .catch((error: ExpectedError) => error.code)
  }
  return { clock, guard, state, attempt }
}

test('five failures lock the account there and nowhere else, and the lock ends', async () => {
  const { attempt, clock, state } = start()
  for (let i = 0; i < 5; i++) expect(await attempt('admin', '10.0.0.9')).toBe('wrong_credentials')
  expect(await attempt('admin', '10.0.0.9', true)).toBe('account_locked')
  expect(state.checks).toBe(5)
  expect(await attempt('admin', '10.0.0.1', true)).toBe('in')
  expect(await attempt('other', '10.0.0.9', true)).toBe('in')
  clock.at += 15 * MINUTE
  expect(await attempt('admin', '10.0.0.9', true)).toBe('in')
})

test('a right one forgets the failures of that account there, and not those of the address', async () => {
  const { attempt } = start()
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 4; i++) expect(await attempt('mine', '10.0.0.9')).toBe('wrong_credentials')
    expect(await attempt('mine', '10.0.0.9', true)).toBe(round < 4 ? 'in' : 'too_many_requests')
    if (round === 4) break
  }
})

test('what is no failure of the secret is not counted', async () => {
  const { guard } = start()
  const who = { account: 'a', address: '10.0.0.9', isUsualPlace: async () => false }
  for (let i = 0; i < 30; i++)
    await expect(
      guard.run(who, async () => {
        throw new ExpectedError('second_factor_required')
      }),
    ).rejects.toMatchObject({ code: 'second_factor_required' })
})

test('guesses from many addresses get one each; whoever knows the password is let in everywhere', async () => {
  const { attempt, state } = start()
  const addresses = Array.from({ length: 200 }, (_, i) => `10.1.0.${i}`)
  for (let round = 0; round < 5; round++) for (const address of addresses) await attempt('admin', address)
  // A hundred while nobody was suspicious, then one of each of the others.
  expect(state.checks).toBe(addresses.length)
  expect(await attempt('admin', '10.1.0.9', true)).toBe('account_locked')
  expect(await attempt('admin', '10.9.9.9', true)).toBe('in')
  expect(await attempt('admin', '10.0.0.1', false, true)).toBe('wrong_credentials')
  expect(await attempt('admin', '10.0.0.1', true, true)).toBe('in')
  expect(await attempt('admin', '127.0.0.1', true)).toBe('in')
  expect(await attempt('operator', '10.9.9.9', true)).toBe('in')
})

test('a machine that takes a new IPv6 address for each guess is one network', async () => {
  const { attempt, state } = start()
  for (let i = 0; i < 1_000; i++) await attempt(`account ${i}`, `2001:db8:0:7::${i.toString(16)}`)
  expect(state.checks).toBe(signInLimits.network[0])
  expect(await attempt('admin', '2001:db8:0:7::ffff', true)).toBe('too_many_requests')
  expect(await attempt('admin', '2001:db8:0:7::ffff', true, true)).toBe('in')
  expect(await attempt('admin', '2001:db8:0:8::1', true)).toBe('in')
})

test('10,000 attempts at once: most are sent away unread, one waits for another, and a clean address goes first', async () => {
  const { clock, guard, attempt, state } = start()
  let atOnce = 0
  let most = 0
  const slow = (address: string) =>
    guard
      .run({ account: 'admin', address, isUsualPlace: async () => false }, async () => {
        state.checks++
        most = Math.max(most, ++atOnce)
        await new Promise(setImmediate)
        atOnce--
        throw new ExpectedError('wrong_credentials')
      })
      .catch((error: ExpectedError) => error.code)
  // Each address has failed once before.
  for (let i = 0; i < 50; i++) await attempt(`x ${i}`, `10.2.0.${i}`)
  state.checks = 0
  const storm = Array.from({ length: 10_000 }, (_, i) => slow(`10.2.0.${i % 50}`))
  const admin = attempt('admin', '10.0.0.1', true)
  expect(await admin).toBe('in')
  // The one that ran, and those that came to their turn before the administrator had asked; none that waited.
  expect(state.checks).toBeLessThanOrEqual(3)
  const answers = await Promise.all(storm)
  expect(most).toBe(1)
  expect(state.checks).toBeLessThanOrEqual(signInLimits.waiting.most + 2)
  expect(answers.filter((code) => code === 'too_many_requests').length).toBeGreaterThan(9_800)
  expect(guard.limited).toBeGreaterThan(9_800)
  clock.at += MINUTE
  expect(await attempt('admin', '10.0.0.1', true)).toBe('in')
})
