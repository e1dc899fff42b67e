import { expect, test } from 'vitest'
import { checkHost, checkOrigin } from './same-site.ts'

const site = { addresses: ['10.0.0.5', '::1'], names: ['localhost', 'plant.local'] }

test.each(['10.0.0.5:8443', '[::1]:8442', 'localhost', 'Plant.Local.:8443', 'plant.local'])(
  'the host %s is ours',
  (host) => {
    expect(() => checkHost(host, site)).not.toThrow()
  },
)

test.each([
  undefined,
  '',
  'evil.example',
  '10.0.0.6:8443',
  'plant.local.evil.example',
  'localhost@evil.example',
  '[::2]:8442',
])('the host %s is not', (host) => {
  expect(() => checkHost(host, site)).toThrow(expect.objectContaining({ code: 'host_refused' }))
})

const refused = expect.objectContaining({ code: 'origin_refused' })

test.each<[string, Record<string, string>]>([
  ['our own page', { host: 'plant.local:8443', origin: 'https://plant.local:8443' }],
  ['a program, which names no origin', { host: 'plant.local:8443' }],
  ['our own page without an Origin', { host: 'plant.local:8443', 'sec-fetch-site': 'same-origin' }],
  ['an address typed by a person', { host: 'plant.local:8443', 'sec-fetch-site': 'none' }],
])('a write of %s is taken', (_who, headers) => {
  expect(() => checkOrigin({ headers })).not.toThrow()
})

test.each<[string, Record<string, string>]>([
  ['another site', { host: 'plant.local:8443', origin: 'https://evil.example' }],
  ['another port of this host', { host: 'plant.local:8443', origin: 'https://plant.local:3000' }],
  ['a sandboxed page', { host: 'plant.local:8443', origin: 'null' }],
  ['another site without an Origin', { host: 'plant.local:8443', 'sec-fetch-site': 'cross-site' }],
  ['a sibling port without an Origin', { host: 'plant.local:8443', 'sec-fetch-site': 'same-site' }],
  ['a page and no host', { origin: 'https://plant.local' }],
])('a write of %s is refused', (_who, headers) => {
  expect(() => checkOrigin({ headers })).toThrow(refused)
})
