import { type Case, type Seen, shownIn } from '#features/doctor/case.ts'
import { code, list, number, span, text, time } from '#features/doctor/facts.ts'
import type { RefusalRule } from './rule.ts'

const isSecret = (_: Seen, { gateway }: Case) => gateway?.credential === 'secret'

function presented({ fingerprint }: Seen, { certificates }: Case) {
  return certificates.find((one) => one.fingerprint === fingerprint)
}

const why = (_: Seen, { stateReason }: Case) =>
  stateReason === null
    ? text('detail', 'the history does not say by whom')
    : [
        ...text('detail', stateReason.reason ?? stateReason.actor),
        ...text('actor', stateReason.actor),
        ...time('stateAt', stateReason.at),
      ]

/** Who it says it is, by certificate or password. */
export const identityRules: readonly RefusalRule[] = [
  {
    id: 'wrong_door',
    reasons: ['no_certificate'],
    when: (seen, about) => isSecret(seen, about) && about.doors.password !== null,
    facts: (_, { doors }) => number('expectedPort', doors.password),
  },
  { id: 'password_door_closed', reasons: ['no_certificate'], when: isSecret, remedies: ['mqtt_settings'] },
  { id: 'certificate_missing', reasons: ['no_certificate'], remedies: ['download'] },
  {
    id: 'foreign_ca',
    reasons: ['certificate_unknown_issuer'],
    facts: (seen) => text('issuer', shownIn(seen)?.issuer ?? 'not known'),
    remedies: ['download', 'enroll_again'],
  },
  {
    id: 'certificate_expired',
    reasons: ['certificate_expired'],
    facts: (seen, about) => {
      const ended = shownIn(seen)?.notAfter ?? presented(seen, about)?.notAfter
      return [
        ...time('notAfter', ended),
        ...(ended === undefined ? [] : span('late', seen.lastAt - ended)),
        ...time('siteTime', about.now),
      ]
    },
    remedies: ['enroll_again'],
  },
  {
    id: 'certificate_early',
    reasons: ['certificate_not_yet_valid'],
    facts: (seen, about) => {
      const begins = shownIn(seen)?.notBefore ?? presented(seen, about)?.notBefore
      return [
        ...time('notBefore', begins),
        ...time('siteTime', seen.lastAt),
        ...(begins === undefined ? [] : span('skew', begins - seen.lastAt)),
      ]
    },
  },
  { id: 'certificate_unfit', reasons: ['certificate_not_trusted'], remedies: ['download'] },
  { id: 'certificate_unknown', reasons: ['certificate_unknown'], remedies: ['enroll_again'] },
  {
    id: 'certificate_superseded',
    reasons: ['certificate_revoked'],
    when: (seen, about) =>
      presented(seen, about)?.state === 'superseded' ||
      // Enrolled anew: the old one was revoked for the new one's sake.
      (about.gateway?.state !== 'revoked' && about.certificates.some(({ state }) => state === 'active')),
    remedies: ['download'],
  },
  {
    id: 'certificate_revoked',
    reasons: ['certificate_revoked'],
    facts: (seen, about) => time('revokedAt', presented(seen, about)?.revokedAt ?? seen.firstAt),
    remedies: ['enroll_again'],
  },
  { id: 'gateway_suspended', reasons: ['gateway_suspended'], facts: why, remedies: ['resume'] },
  { id: 'gateway_revoked', reasons: ['gateway_revoked'], facts: why, remedies: ['enroll_again'] },
  { id: 'tenant_suspended', reasons: ['tenant_suspended'], remedies: ['tenant'] },
  {
    id: 'quota_used_up',
    reasons: ['quota_exceeded'],
    facts: (_, { quota }) => [
      ...number('messages', quota.messages),
      ...number('quota', quota.quota),
      ...time('until', quota.until),
    ],
    remedies: ['limits'],
  },
  {
    id: 'password_missing',
    reasons: ['password_missing'],
    facts: (_, { username, clientId }) => code('username', username ?? clientId),
  },
  {
    id: 'password_wrong',
    reasons: ['password_wrong'],
    facts: (seen, { username, clientId }) => [
      ...code('username', username ?? clientId),
      ...text('detail', seen.detail ?? 'the password is not that of this user name'),
    ],
    remedies: ['enroll_again'],
  },
  { id: 'password_gateways_off', reasons: ['password_gateways_off'], remedies: ['tenant'] },
  {
    id: 'wrong_client_id',
    reasons: ['client_id_mismatch'],
    facts: (_, { clientId }) => code('expectedId', clientId),
  },
  { id: 'mqtt_version', reasons: ['protocol_unsupported'] },
  { id: 'not_mqtt', reasons: ['not_mqtt'] },
  {
    id: 'will_denied',
    reasons: ['will_denied'],
    facts: (_, { topics }) => list('allowed', topics.publish),
  },
]
