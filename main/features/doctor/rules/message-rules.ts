import type { Case, Seen } from '#features/doctor/case.ts'
import { code, list } from '#features/doctor/facts.ts'
import type { RefusalRule } from './rule.ts'

const dialect = ({ gateway }: Case) => code('dialect', gateway?.dialect ?? 'canonical')
const publishing = (_: Seen, about: Case) => [...dialect(about), ...list('allowed', about.topics.publish)]

/** What it sends and asks for once it is in. */
export const messageRules: readonly RefusalRule[] = [
  { id: 'topic_denied', reasons: ['topic_denied'], facts: publishing, remedies: ['topics'] },
  {
    id: 'subscription_denied',
    reasons: ['subscription_denied'],
    facts: (_, about) => [...dialect(about), ...list('allowed', about.topics.subscribe)],
  },
  { id: 'awaits_bind', reasons: ['bind_pending'] },
  {
    id: 'payload_refused',
    reasons: ['payload_not_json', 'payload_invalid', 'payload_too_large', 'value_invalid'],
    facts: publishing,
    remedies: ['topics'],
  },
  { id: 'too_many_channels', reasons: ['too_many_channels'], remedies: ['topics'] },
  { id: 'packet_too_large', reasons: ['packet_too_large'] },
  { id: 'queue_full', reasons: ['queue_full'] },
]

/** Reasons that concern a session that is open, and not its opening. */
export const messageReasons: ReadonlySet<string> = new Set(messageRules.flatMap(({ reasons }) => reasons))
