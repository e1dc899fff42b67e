import { expect, test } from 'vitest'
import {
  listedDestinations,
  providerFormOf,
  providerInput,
  providerProblems,
  shownDestinations,
  typedOrigin,
} from './sign-on-form.ts'

test('nothing is called before its address is ticked', () => {
  const form = {
    ...providerFormOf(null),
    name: 'Plant',
    clientId: 'x',
    issuer: 'https://id.example/realms/plant',
  }
  const shown = { ...form, destinations: shownDestinations(form) }
  expect(shown.destinations).toEqual([{ origin: 'https://id.example', insideNetwork: false, allowed: false }])
  expect(listedDestinations(shown)).toEqual([])
  expect(providerProblems(shown)).toEqual({ destinations: 'allow' })
  const ticked = { ...shown, destinations: shown.destinations.map((one) => ({ ...one, allowed: true })) }
  expect(providerProblems(ticked)).toEqual({})
  expect(providerInput(ticked).destinations).toEqual([{ origin: 'https://id.example', insideNetwork: false }])
})

test('another issuer brings its own address, and what was not ticked goes', () => {
  const form = { ...providerFormOf(null), issuer: 'https://one.example' }
  const first = { ...form, destinations: shownDestinations(form) }
  const next = { ...first, issuer: 'https://two.example/x' }
  expect(
    shownDestinations(next, ['https://keys.example', 'https://two.example']).map(({ origin }) => origin),
  ).toEqual(['https://two.example', 'https://keys.example'])
})

test.each([
  ['https://id.example/realms/a', 'https://id.example'],
  [' https://id.example:443 ', 'https://id.example'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['id.example', null],
  ['https://', null],
  ['javascript:alert(1)', null],
  ['', null],
])('%s is at %s', (typed, origin) => {
  expect(typedOrigin(typed)).toBe(origin)
})

test('a line of rights says for whom, where and what', () => {
  const complete = {
    group: 'g',
    tenantId: 't',
    roleId: 'viewer',
    reach: 'tenant' as const,
    groupIds: [],
    key: 1,
  }
  const problem = (mapping: Partial<typeof complete> | { reach: 'groups' }) =>
    providerProblems({ ...providerFormOf(null), mappings: [{ ...complete, ...mapping }] }).mappings
  expect([
    problem({}),
    problem({ group: ' ' }),
    problem({ roleId: '' }),
    problem({ reach: 'groups' }),
  ]).toEqual([undefined, 'mapping', 'mapping', 'groups'])
})

test('a secret that was not typed stays as it is', () => {
  expect(providerInput(providerFormOf(null))).not.toHaveProperty('clientSecret')
  expect(providerInput({ ...providerFormOf(null), secret: 's' })).toMatchObject({ clientSecret: 's' })
})
