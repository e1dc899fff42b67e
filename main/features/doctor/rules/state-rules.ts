import { gatewayRenewalDueAt } from '#contract/model/certificate.ts'
import { fleetStatus } from '#contract/model/gateway.ts'
import type { Case } from '#features/doctor/case.ts'
import { code, list, number, span, text, time, word } from '#features/doctor/facts.ts'
import type { StateRule } from './rule.ts'
import { lostSessions, takeovers } from './sessions.ts'

/** A gateway without a reading for so long after it connected sends none, ms. */
const FIRST_READING = 30_000
/** A reading that is dated this far from when it came has a wrong date, or waited, ms. */
const CLOCK_OFF = 10 * 60_000
const LOOPBACK = /^(127\.|::1$|localhost$)/

const isAway = ({ kind, connection }: Case) => kind === 'gateway' && connection === null
const hasRefusals = ({ refusals, strangers }: Case) => refusals.length + strangers.length > 0

/** Two of one identity throw each other out; from one address, faster than a box restarts. */
const twoBoxes: StateRule = {
  id: 'two_boxes',
  find: (about) => {
    const { count, addresses, isFast } = takeovers(about)
    const fight = count >= 2 && (addresses.length > 1 || (count >= 4 && isFast))
    return fight ? [...number('count', count), ...list('addresses', addresses)] : null
  },
  confidence: (about) => (takeovers(about).addresses.length > 1 ? 'certain' : 'likely'),
  remedies: ['enroll_again'],
}

/** Where the gateway or the site stands, whatever was refused. */
export const stateRules: readonly StateRule[] = [
  {
    id: 'store_stalled',
    find: ({ stalledSince }) => (stalledSince === null ? null : time('since', stalledSince)),
  },
  {
    id: 'site_loopback_only',
    find: (about) =>
      isAway(about) && about.doors.addresses.every((address) => LOOPBACK.test(address))
        ? list('addresses', about.doors.addresses)
        : null,
    confidence: (about) => (about.lastOnlineAt === null && !hasRefusals(about) ? 'likely' : 'possible'),
    remedies: ['network'],
  },
  {
    id: 'gateway_suspended',
    find: ({ gateway, refusals, stateReason }) =>
      gateway?.state === 'suspended' && !refusals.some(({ reason }) => reason === 'gateway_suspended')
        ? text('detail', stateReason?.reason ?? stateReason?.actor ?? 'the history does not say by whom')
        : null,
    remedies: ['resume'],
  },
  {
    id: 'gateway_revoked',
    find: ({ gateway, refusals, stateReason }) =>
      gateway?.state === 'revoked' && !refusals.some(({ reason }) => reason === 'gateway_revoked')
        ? text('detail', stateReason?.reason ?? stateReason?.actor ?? 'the history does not say by whom')
        : null,
    remedies: ['enroll_again'],
  },
  {
    id: 'gateway_unclaimed',
    find: ({ gateway }) => (gateway?.state === 'unclaimed' ? [] : null),
    remedies: ['claims', 'enroll_again'],
  },
  {
    id: 'swapped_certificate',
    find: ({ swapped }) => {
      const [first] = swapped
      if (first === undefined) return null
      const { owner, seen } = first
      return [
        ...text('other', owner),
        ...code('clientId', seen.clientId),
        ...code('address', seen.address),
        ...number('count', seen.count),
        ...time('lastAt', seen.lastAt),
      ]
    },
  },
  twoBoxes,
  {
    id: 'restarts_often',
    find: (about) => {
      const { count, addresses } = takeovers(about)
      if (count < 3 || twoBoxes.find(about) !== null) return null
      return [...number('count', count), ...list('addresses', addresses)]
    },
    confidence: 'likely',
  },
  {
    id: 'unstable_line',
    find: (about) => {
      const { count, most } = lostSessions(about)
      return count >= 5 ? [...number('count', count), ...word('offlineReason', most)] : null
    },
    confidence: 'likely',
  },
  {
    id: 'shown_offline',
    find: (about) => {
      const [other] = about.neighbours
      if (!isAway(about) || other === undefined || hasRefusals(about)) return null
      return [...text('other', other.name), ...code('address', other.address)]
    },
    confidence: 'likely',
  },
  {
    id: 'knocks_unclaimed',
    find: ({ gateway, knocks }) => {
      const waiting = knocks.find(({ state }) => state === 'waiting')
      if (waiting === undefined || (gateway !== null && gateway.state !== 'unclaimed')) return null
      return [
        ...number('count', waiting.count),
        ...time('lastAt', waiting.lastAt),
        ...code('address', waiting.address),
        ...code('mac', waiting.mac),
        ...code('label', waiting.label),
      ]
    },
    remedies: ['claims'],
  },
  {
    id: 'awaits_bind',
    find: ({ gateway, refusals }) =>
      gateway?.bindState === 'pending' && !refusals.some(({ reason }) => reason === 'bind_pending')
        ? []
        : null,
  },
  {
    id: 'credential_waiting',
    find: (about) =>
      about.unfetchedSince !== null && about.lastOnlineAt === null && !hasRefusals(about)
        ? time('madeAt', about.unfetchedSince)
        : null,
    confidence: 'likely',
    remedies: ['download'],
  },
  {
    id: 'certificate_expired',
    find: (about) => {
      const active = about.certificates.find(({ state }) => state === 'active')
      if (active === undefined || active.notAfter > about.now) return null
      if (about.refusals.some(({ reason }) => reason === 'certificate_expired')) return null
      const late = span('late', about.now - active.notAfter)
      return [...time('notAfter', active.notAfter), ...late, ...time('siteTime', about.now)]
    },
    confidence: 'likely',
    remedies: ['enroll_again'],
  },
  {
    id: 'certificate_ends_soon',
    find: ({ certificates, gateway, now }) => {
      const active = certificates.find(({ state }) => state === 'active')
      if (active === undefined || gateway?.state === 'revoked' || active.notAfter <= now) return null
      return gatewayRenewalDueAt(active.notAfter) <= now ? time('notAfter', active.notAfter) : null
    },
    remedies: ['enroll_again'],
  },
  {
    id: 'rate_limited',
    find: ({ limited }) =>
      limited === null
        ? null
        : [
            ...time('since', limited.since),
            ...number('dropped', limited.dropped),
            ...number('delayed', limited.delayed),
            ...number('closed', limited.closed),
          ],
    remedies: ['limits'],
  },
  {
    id: 'no_readings',
    find: ({ connection, row, now, topics, refusals, stalledSince }) => {
      if (
        connection === null ||
        row === null ||
        row.latest !== null ||
        now - connection.since < FIRST_READING
      )
        return null
      // That says it better.
      if (refusals.length > 0 || stalledSince !== null) return null
      return [
        ...time('since', connection.since),
        { name: 'received', kind: 'number', value: connection.received },
        ...list('allowed', topics.publish),
      ]
    },
    confidence: 'certain',
    remedies: ['topics'],
  },
  {
    id: 'readings_stopped',
    find: ({ connection, row, now, stalledSince }) =>
      connection !== null && row?.latest && stalledSince === null && fleetStatus(row, now) === 'stale'
        ? time('lastAt', row.lastSeenAt)
        : null,
    confidence: 'likely',
    remedies: ['topics'],
  },
  {
    id: 'box_clock_off',
    find: ({ connection, row, now }) => {
      if (connection === null || !row?.latest || row.lastSeenAt === null || row.rate === 0) return null
      const skew = Math.abs(row.lastSeenAt - row.latest.ts)
      if (skew < CLOCK_OFF) return null
      return [...span('skew', skew), ...time('clock', row.latest.ts), ...time('siteTime', now)]
    },
    confidence: 'possible',
  },
]

/** Asked last, where nothing else says why a gateway is away. */
export const silenceRules: readonly StateRule[] = [
  {
    id: 'never_seen',
    find: (about) =>
      isAway(about) && about.lastOnlineAt === null
        ? [...list('hosts', about.doors.hosts), ...number('port', portOf(about))]
        : null,
    confidence: (about) => (about.elsewhere.length > 0 ? 'likely' : 'certain'),
    remedies: ['network', 'download'],
  },
  {
    id: 'silent',
    find: (about) => {
      const ended = about.presence.find(({ online }) => !online)
      if (!isAway(about) || about.lastOnlineAt === null) return null
      return [
        ...time('offlineAt', ended?.at ?? about.lastOnlineAt),
        ...word('offlineReason', ended?.reason ?? 'connection_lost'),
        ...code('address', about.lastAddress),
        ...list('hosts', about.doors.hosts),
        ...number('port', portOf(about)),
      ]
    },
  },
  {
    id: 'box_unknown',
    find: ({ kind }) => (kind === 'unknown' || kind === 'box' ? [] : null),
    remedies: ['claims'],
  },
  { id: 'nothing_refused', find: ({ kind }) => (kind === 'address' ? [] : null) },
]

/** Where it is to connect. */
export function portOf({ gateway, doors }: Case): number {
  return gateway?.credential === 'secret' ? (doors.password ?? doors.mqtts) : doors.mqtts
}
