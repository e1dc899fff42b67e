import type { Case, Seen } from '#features/doctor/case.ts'
import { code, list, number, span, time, word } from '#features/doctor/facts.ts'
import type { RefusalRule } from './rule.ts'

/** A handshake that breaks off as often as this does so for a reason. */
const OFTEN = 2
const tlsFailed = ['tls_failed'] as const

const names = (_: Seen, { doors }: Case) => list('names', doors.names)

function asksForForeignName({ evidence }: Seen, { doors }: Case): boolean {
  const asked = evidence?.serverName?.toLowerCase()
  return asked !== undefined && !doors.names.includes(asked)
}

function isSmallBox(_: Seen, { gateway, certificates }: Case): boolean {
  if (gateway === null) return false
  const hasRsa = certificates.some(
    ({ state, keyAlgorithm }) => state === 'active' && keyAlgorithm.startsWith('RSA'),
  )
  return hasRsa || /^esp/i.test(gateway.platform ?? gateway.label)
}

/** From the first byte to the end of the handshake. */
export const handshakeRules: readonly RefusalRule[] = [
  {
    id: 'plain_mqtt',
    reasons: tlsFailed,
    firstBytes: ['mqtt'],
    remedies: ['download'],
  },
  {
    id: 'http_on_mqtt',
    reasons: ['tls_failed', 'not_mqtt', 'packet_too_large'],
    firstBytes: ['http'],
    facts: (_, { doors }) => [
      ...number('httpsPort', doors.https),
      ...number('devicePort', doors.deviceHttps),
    ],
  },
  { id: 'not_tls', reasons: tlsFailed, firstBytes: ['other'] },
  {
    id: 'mqtt_on_wrong_port',
    reasons: ['wrong_port'],
    firstBytes: ['mqtt'],
    facts: (_, { doors }) => number('expectedPort', doors.mqtts),
  },
  {
    id: 'no_tls_on_https',
    reasons: ['wrong_port'],
    confidence: 'likely',
    facts: (_, { doors }) => number('expectedPort', doors.mqtts),
  },
  { id: 'says_nothing', reasons: tlsFailed, failures: ['silent'], confidence: 'possible' },
  { id: 'tls_too_old', reasons: tlsFailed, failures: ['old_version', 'alert_version'] },
  { id: 'nothing_in_common', reasons: tlsFailed, failures: ['nothing_in_common', 'alert_handshake'] },
  {
    id: 'name_mismatch',
    reasons: tlsFailed,
    failures: [
      'alert_bad_certificate',
      'alert_certificate_unknown',
      'alert_name',
      'closed',
      'left_after_handshake',
    ],
    when: asksForForeignName,
    confidence: ({ evidence }) => (evidence?.failure === 'closed' ? 'likely' : 'certain'),
    facts: names,
    remedies: ['network'],
  },
  { id: 'site_not_trusted', reasons: tlsFailed, failures: ['alert_unknown_ca'], remedies: ['download'] },
  {
    id: 'box_clock_wrong',
    reasons: tlsFailed,
    failures: ['alert_certificate_expired'],
    facts: ({ evidence, lastAt }, { doors }) => [
      ...time('notBefore', doors.notBefore),
      ...time('notAfter', doors.notAfter),
      ...time('clock', evidence?.clock),
      ...(evidence?.clock ? span('skew', Math.abs(evidence.clock - lastAt)) : []),
    ],
  },
  {
    id: 'site_certificate_refused',
    reasons: tlsFailed,
    failures: [
      'alert_bad_certificate',
      'alert_certificate_unknown',
      'alert_unsupported_certificate',
      'alert_name',
    ],
    confidence: 'likely',
    facts: (seen, about) => [...word('alert', seen.evidence?.failure), ...names(seen, about)],
    remedies: ['download', 'network'],
  },
  { id: 'key_mismatch', reasons: tlsFailed, failures: ['bad_signature'], remedies: ['download'] },
  {
    id: 'left_early',
    reasons: tlsFailed,
    failures: ['left_after_handshake'],
    confidence: 'likely',
    facts: names,
    remedies: ['download', 'network'],
  },
  {
    id: 'esp32_memory',
    reasons: tlsFailed,
    failures: ['closed', 'timeout'],
    when: ({ count }) => count >= OFTEN,
    confidence: (seen, about) => (isSmallBox(seen, about) ? 'likely' : 'possible'),
    facts: (_, { certificates }) =>
      code('key', certificates.find(({ state }) => state === 'active')?.keyAlgorithm),
    remedies: ['enroll_again'],
  },
  { id: 'handshake_broken', reasons: tlsFailed, confidence: 'likely' },
  { id: 'handshake_slow', reasons: ['connect_timeout'], confidence: 'likely' },
  { id: 'too_many_connections', reasons: ['too_many_connections'] },
]
