import { describe, expect, test } from 'vitest'
import { findings } from '#contract/findings.ts'
import type { RefusalEvidence } from '#contract/model/refusal.ts'
import type { Case, GatewayRow, Seen } from './case.ts'
import { checksOf } from './checks.ts'
import { findAll } from './find.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000

const gateway = {
  id: 'g1',
  code: 'GW001',
  mac: 'aa:bb:cc:00:00:01',
  label: 'ESP-000001',
  state: 'active',
  credential: 'certificate',
  dialect: 'canonical',
  platform: null,
} as GatewayRow

/** A gateway that is away, and nothing is known of it. */
function about(more: Partial<Case> = {}): Case {
  return {
    now: NOW,
    kind: 'gateway',
    given: 'GW001',
    subject: 'GW001',
    gateway,
    row: null,
    connection: null,
    neighbours: [],
    refusals: [],
    strangers: [],
    elsewhere: [],
    swapped: [],
    presence: [],
    lastOnlineAt: null,
    lastAddress: null,
    certificates: [],
    knocks: [],
    limited: null,
    quota: { messages: 5, quota: 10, until: NOW },
    clientId: 'aabbcc000001',
    username: null,
    topics: { publish: ['mw/aabbcc000001/telemetry'], subscribe: ['mw/aabbcc000001/commands'] },
    stateReason: null,
    unfetchedSince: null,
    stalledSince: null,
    doors: {
      hosts: ['192.168.10.5'],
      addresses: ['192.168.10.5'],
      mqtts: 8883,
      password: null,
      https: 8443,
      deviceHttps: 8444,
      names: ['plant.local', '192.168.10.5'],
      notBefore: 0,
      notAfter: NOW + 1e11,
    },
    ...more,
  }
}

function seen(
  reason: Seen['reason'],
  more: Partial<Seen> = {},
  evidence: Partial<RefusalEvidence> = {},
): Seen {
  return {
    reason,
    address: '192.168.10.77',
    count: 3,
    firstAt: NOW - 10 * MINUTE,
    lastAt: NOW - MINUTE,
    clientId: null,
    fingerprint: null,
    topic: null,
    detail: 'x',
    evidence: {
      listener: 'mqtts',
      port: 8883,
      failure: null,
      firstBytes: 'tls',
      serverName: null,
      tls: 'TLSv1.2',
      cipher: null,
      clock: null,
      certificate: null,
      ...evidence,
    },
    ...more,
  }
}

const ids = (of: Case) => findAll(of).map(({ id, confidence }) => `${id} ${confidence}`)

describe('what no client of the tests can be made to do', () => {
  test.each<[string, Seen, string]>([
    ['another key', seen('tls_failed', {}, { failure: 'bad_signature' }), 'key_mismatch certain'],
    ['a handshake that never ends', seen('connect_timeout'), 'handshake_slow likely'],
    ['too many at once', seen('too_many_connections'), 'too_many_connections certain'],
    [
      'OpenSSL with words of its own',
      seen('tls_failed', {}, { failure: 'other' }),
      'handshake_broken likely',
    ],
    ['a queue that is full', seen('queue_full'), 'queue_full certain'],
    [
      'a certificate of the site for something else',
      seen('certificate_not_trusted'),
      'certificate_unfit certain',
    ],
  ])('%s', (_, refusal, expected) => {
    expect(ids(about({ refusals: [refusal] }))).toContain(expected)
  })

  test('a store that cannot write, and a site that nobody can reach', () => {
    expect(ids(about({ stalledSince: NOW - MINUTE }))).toContain('store_stalled certain')
    const { doors } = about()
    expect(ids(about({ doors: { ...doors, addresses: ['127.0.0.1', '::1'] } }))[0]).toBe('never_seen certain')
  })

  test('a gateway with a secret while the port for secrets is closed', () => {
    const of = about({ gateway: { ...gateway, credential: 'secret' }, refusals: [seen('no_certificate')] })
    expect(ids(of)[0]).toBe('password_door_closed certain')
  })

  test('a clock that the handshake told is beside what the box says of the certificate', () => {
    const evidence = { failure: 'alert_certificate_expired', clock: NOW - 3 * 86_400_000 } as const
    const [first] = findAll(about({ refusals: [seen('tls_failed', {}, evidence)] }))
    expect(first?.id).toBe('box_clock_wrong')
    expect(first?.facts.find(({ name }) => name === 'skew')?.value).toBe(3 * 86_400_000 - MINUTE)
  })
})

describe('how sure it is', () => {
  test('of a box that only shares the address less than of one that says a name of the gateway', () => {
    const alert = { failure: 'alert_unknown_ca' } as const
    expect(ids(about({ strangers: [seen('tls_failed', {}, alert)] }))[0]).toBe('site_not_trusted likely')
    const named = seen('password_wrong', { clientId: 'AA:BB:CC:00:00:01' })
    expect(ids(about({ strangers: [named] }))[0]).toBe('password_wrong certain')
  })

  test('the newest trouble stands first, an earlier one is only possible', () => {
    const before = seen('certificate_expired', { lastAt: NOW - 5 * 3_600_000 })
    expect(ids(about({ refusals: [seen('gateway_suspended'), before] })).slice(0, 2)).toEqual([
      'gateway_suspended certain',
      'certificate_expired likely',
    ])
  })

  test('a break of the handshake on a box with an RSA key is likely memory', () => {
    const closed = seen('tls_failed', {}, { failure: 'closed' })
    const certificate = { state: 'active', keyAlgorithm: 'RSA 2048', notAfter: NOW + 1e12 } as const
    const rsa = { certificates: [certificate as Case['certificates'][number]] }
    expect(ids(about({ refusals: [closed], ...rsa }))[0]).toBe('esp32_memory likely')
    expect(ids(about({ refusals: [{ ...closed, count: 1 }] }))[0]).toBe('handshake_broken likely')
  })

  test('who is refused elsewhere without a name is offered, not claimed', () => {
    const found = findAll(about({ elsewhere: [seen('tls_failed', {}, { firstBytes: 'mqtt' })] }))
    expect(found.map(({ id }) => id)).toEqual(['never_seen', 'stranger'])
    expect(found[1]).toMatchObject({ confidence: 'possible', remedies: ['examine'] })
  })
})

test('the checks say how far it came, and what the site knows of the rest', () => {
  const certificate = {
    state: 'active',
    notBefore: 0,
    notAfter: NOW + 1e12,
    issuer: 'CA',
    fingerprint: 'ab',
  } as never
  const of = about({
    refusals: [seen('tls_failed', {}, { failure: 'alert_unknown_ca' })],
    certificates: [certificate],
  })
  expect(checksOf(of, findAll(of)).map(({ stage, result }) => `${stage} ${result}`)).toEqual([
    'reached passed',
    'tls passed',
    'site_trusted failed',
    'issuer not_reached',
    'validity would_pass',
    'identity would_pass',
    'client_id not_reached',
    'topics not_reached',
    'readings not_reached',
  ])
})

test('each finding has its words', () => {
  for (const { title, why, fix } of Object.values(findings))
    for (const sentence of [title, why, fix]) expect(sentence).toMatch(/^[A-Z{“].*[\w})”.:]$/)
})
